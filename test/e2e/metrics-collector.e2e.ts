import { ClusterStates } from '#libs/clusters';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { cycledCluster } from '../support/cycles-in-process.js';
import { eventually } from '../support/eventually.js';
import { samplesOf, scrape, valueOf } from '../support/metrics.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

const CLUSTER = 'a cluster "of" ours';

let service: ClockworkService;
let collector: OpenServices;
let slurm: ScriptedSlurm;
let key: string;

beforeAll(async () => {
  service = await startService();
  collector = await openServices(service.environment);
  key = await service.keyOf('root@example.org', ['--admin']);
  slurm = await ScriptedSlurm.create();
}, 60_000);

afterAll(async () => {
  await collector.close();
  await service.stop();
  await slurm.remove();
});

test('what the collector, a process of its own, has done is told by every API alike', async () => {
  const { cycle, states } = await cycledCluster(collector, CLUSTER, slurm);
  await slurm.show([{ id: 1 }, { id: 2 }]);
  for (let turn = 0; turn < 2; turn += 1) {
    await cycle();
    await states.planned(CLUSTER, Date.now() + 60_000, 3);
  }
  for (let turn = 0; turn < 2; turn += 1)
    await states.failed(CLUSTER, 'nodes', { kind: 'timeout', message: 'slurmctld is silent' });
  const read = await collector.services.get(ClusterStates).jobsReadAt(CLUSTER);

  const other = await startApi(service.environment);
  try {
    for (const { url } of [service, other]) {
      const text = await scrape(url, key);
      const of = (name: string, what?: string) => {
        const labels = { cluster: CLUSTER, ...(what === undefined ? {} : { what }) };
        return valueOf(text, `clockwork_${name}`, labels);
      };
      expect(of('collector_cycles_total')).toBe(2);
      expect(of('collector_readings_total', 'jobs')).toBe(2);
      expect(of('collector_records_total', 'jobs')).toBe(4);
      expect(of('collector_reading_seconds_total', 'jobs')).toBeGreaterThan(0);
      expect(of('collector_failures_total', 'nodes')).toBe(2);
      expect(of('collector_failures_total', 'jobs')).toBe(0);
      expect(samplesOf(text, 'clockwork_collector_consecutive_failures').map(({ value }) => value)).toEqual([2]);
      expect(of('cluster_observed_timestamp_seconds', 'jobs')).toBeCloseTo(Number(read) / 1000, 2);
      expect(of('cluster_interval_seconds')).toBe(0.1);
      expect(of('cluster_vanished_jobs')).toBe(3);
      expect(of('cluster_stale')).toBe(1);
    }
  } finally {
    await other.stop();
  }
});

test('a cluster that is not configured any more is not told', async () => {
  await collector.services.get(ClusterStates).removedExcept([]);
  await eventually(async () => {
    expect(samplesOf(await scrape(service.url, key), 'clockwork_collector_cycles_total')).toEqual([]);
  }, 25_000);
});
