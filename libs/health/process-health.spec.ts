import { processHealth } from './process-health.js';
import type { ProcessRecord } from './process-record.schema.js';
import { queueHealth } from './queue-health.js';

const NOW = new Date('2026-01-05T14:00:00Z');
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);
const QUEUES = { ...queueHealth('host 7', new Map([['open_lists', 2]])), since: before(100) };

function record(changes: Partial<ProcessRecord> = {}): ProcessRecord {
  const known = {
    _id: 'a',
    kind: 'api',
    name: 'host 7',
    url: 'http://127.0.0.1:3000',
    started_at: before(500),
    seen_at: before(9),
    expires_at: before(-51),
    own: [QUEUES],
    shared: [],
    ...changes,
  };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the database gives plain objects too
  return known as ProcessRecord;
}

describe('processHealth', () => {
  it('shows each process and what it says of itself', () => {
    const [process, queues, ...more] = processHealth([record()], NOW);
    expect(process).toMatchObject({ part: 'process', about: 'host 7', status: 'ok', since: before(500) });
    expect(process?.measured['last_heard_of']).toEqual({ value: 9, unit: 's' });
    expect(queues).toBe(QUEUES);
    expect(more).toEqual([]);
  });

  it('one that has been silent for 30 s is degraded since it was last heard of, and what it said then is not told', () => {
    expect(processHealth([record({ seen_at: before(30) })], NOW)).toEqual([
      expect.objectContaining({ part: 'process', about: 'host 7', status: 'degraded', since: before(30) }),
    ]);
  });

  it.each([[[]], [[record({ kind: 'collector', url: null })]]])('without any API it is failing', (records) => {
    expect(processHealth(records, NOW)[0]).toMatchObject({ part: 'process', about: null, status: 'failing' });
  });
});
