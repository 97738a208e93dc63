import { type QueueName } from '#libs/common';
import { queueHealth } from './queue-health.js';

const found = (lengths: [QueueName, number][]) => queueHealth('host 7', new Map(lengths));

describe('queueHealth', () => {
  it('is ok where none is long, and tells each length', () => {
    expect(
      found([
        ['database_calls', 1_999],
        ['write_windows', 1e6],
      ]),
    ).toMatchObject({
      status: 'ok',
      advice: null,
      measured: { database_calls: { value: 1_999, unit: 'count' }, write_windows: { value: 1e6, unit: 'count' } },
    });
  });

  it('names those that are long, and says what to do about each', () => {
    const { status, message, advice } = found([
      ['pool_checkouts', 500],
      ['merges_waiting', 1_000],
      ['open_lists', 3],
    ]);
    expect(status).toBe('degraded');
    expect(message).toBe(
      '500 calls that wait for a connection, 1000 updates of user dicts that wait for others of the same job.',
    );
    expect(advice).toMatch(/The database is behind.*one job very often/);
  });

  it('is failing where calls are about to be refused', () => {
    expect(found([['database_calls', 9_000]]).status).toBe('failing');
  });
});
