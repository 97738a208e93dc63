import type { Cluster } from '#libs/clusters';
import { clusterHealth, leaseHealth } from './cluster-health.js';

const NOW = new Date('2026-01-05T14:00:00Z');
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

const reading = (observed_at: Date) => ({ observed_at, duration_ms: 100, records: 5, skipped: 0 });

function cluster(changes: Partial<Cluster> = {}): Cluster {
  const known = {
    name: 'mila',
    configured: true,
    account_kind: 'mila',
    time_zone: 'UTC',
    interval_ms: 30_000,
    source: 'the commands of this machine',
    slurm_version: '24.11.5',
    jobs: reading(before(12)),
    nodes: reading(before(10)),
    accounting: null,
    swept_until: null,
    sweep_at: null,
    failures: {},
    waiting: 3,
    next_at: null,
    ...changes,
  };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the database gives plain objects too
  return known as Cluster;
}

const failure = (consecutive: number) => ({
  since: before(40),
  at: before(5),
  kind: 'timeout',
  message: 'squeue did not end within 60 s',
  consecutive,
});

describe('clusterHealth', () => {
  it('is ok where it is read in time, with what was measured', () => {
    expect(clusterHealth(cluster(), NOW)).toMatchObject({
      part: 'cluster',
      about: 'mila',
      status: 'ok',
      advice: null,
      measured: {
        age: { value: 12, unit: 's' },
        interval: { value: 30, unit: 's' },
        failures_in_a_row: { value: 0, unit: 'count' },
        vanished_jobs_waiting: { value: 3, unit: 'count' },
      },
    });
  });

  it('is degraded while something fails, since the first time, with the message', () => {
    const found = clusterHealth(cluster({ failures: { jobs: failure(3) } }), NOW);
    expect(found).toMatchObject({ status: 'degraded', since: before(40) });
    expect(found.message).toBe('jobs failed 3 times in a row (timeout): squeue did not end within 60 s');
    expect(found.advice).toMatch(/clockwork collect --check --cluster mila/);
    expect(found.measured['failures_in_a_row']).toEqual({ value: 3, unit: 'count' });
  });

  it('is failing once it is stale, since it became so, whether or not a failure is known', () => {
    const stale = { jobs: reading(before(91)) };
    for (const failures of [{}, { jobs: failure(2) }]) {
      expect(clusterHealth(cluster({ ...stale, failures }), NOW)).toMatchObject({
        status: 'failing',
        since: before(1),
      });
    }
    expect(clusterHealth(cluster({ jobs: reading(before(90)) }), NOW).status).toBe('ok');
  });

  it('is degraded until it has been read', () => {
    expect(clusterHealth(cluster({ nodes: null }), NOW)).toMatchObject({
      status: 'degraded',
      message: 'It has never been read whole.',
    });
  });

  it('is ok where it is no longer to be read, however old', () => {
    expect(clusterHealth(cluster({ configured: false, jobs: reading(before(1e6)) }), NOW).status).toBe('ok');
  });
});

describe('leaseHealth', () => {
  const lease = (until: Date) => ({ cluster: 'mila', holder: 'host 7 abc', until });

  it('says who reads, and until when', () => {
    expect(leaseHealth(cluster(), lease(before(-20)), NOW, false)).toMatchObject({
      status: 'ok',
      message: 'Read by host 7 abc.',
      measured: { holder: { value: 'host 7 abc' }, until: { value: before(-20).toISOString() } },
    });
  });

  it.each([
    ['nobody', undefined],
    ['one that is gone', lease(before(1))],
  ])('%s reads: degraded at first, failing once the cluster is stale', (_, held) => {
    expect(leaseHealth(cluster(), held, NOW, false)).toMatchObject({ status: 'degraded' });
    expect(leaseHealth(cluster(), held, NOW, true)).toMatchObject({
      status: 'failing',
      message: 'Nobody reads this cluster.',
      measured: { holder: { value: null } },
    });
  });
});
