import { databaseHealth } from './database-health.js';

const EXTERNAL = { kind: 'external', members: 'several', dataDir: null } as const;
const WELL = { roundTripMs: 0.94, version: '8.2.6', primary: 'db1:27017', now: new Date(), missingIndexes: [] };

describe('databaseHealth', () => {
  it('is ok where it answers soon, with what it says of itself', () => {
    expect(databaseHealth(EXTERNAL, WELL)).toMatchObject({
      status: 'ok',
      advice: null,
      measured: {
        reachable: { value: true },
        kind: { value: 'external' },
        round_trip: { value: 0.9, unit: 'ms' },
        version: { value: '8.2.6' },
        primary: { value: 'db1:27017' },
        indexes_missing: { value: 0 },
      },
    });
  });

  it('is degraded where it is slow', () => {
    expect(databaseHealth(EXTERNAL, { ...WELL, roundTripMs: 500 })).toMatchObject({ status: 'degraded' });
  });

  it('is failing without an index, which it names', () => {
    expect(databaseHealth(EXTERNAL, { ...WELL, missingIndexes: ['nodes.name'] })).toMatchObject({
      status: 'failing',
      message: 'Indexes are missing: nodes.name.',
    });
  });

  it('is failing without an answer, and says where to look: at the logs of the embedded one', () => {
    const none = new Error('no answer in 1500 ms');
    expect(databaseHealth(EXTERNAL, none)).toMatchObject({
      status: 'failing',
      message: 'The database does not answer: no answer in 1500 ms',
      advice: expect.stringMatching(/MONGODB_URI/) as string,
      measured: { reachable: { value: false } },
    });
    const embedded = { kind: 'embedded', members: 'single', dataDir: '/srv/data' } as const;
    expect(databaseHealth(embedded, none).advice).toMatch(/mongod\.log and keeper\.log in \/srv\/data/);
  });
});
