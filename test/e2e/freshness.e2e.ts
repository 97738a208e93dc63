import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { clusterNamed, readingAt } from '../support/cluster-configurations.js';
import { type ClusterServices, openClusterServices } from '../support/cluster-services.js';
import { eventually } from '../support/eventually.js';

const HOUR_MS = 3_600_000;
/** Read a moment ago: fresh for as long as these tests run. */
const FRESH = new Date(Date.now() - 5_000);
const OLDER = new Date(FRESH.getTime() - 60_000);
const STALE = new Date(Date.now() - 24 * HOUR_MS);
const LONG_INTERVAL = { intervalMs: HOUR_MS };

let service: ClockworkService;
let collector: ClusterServices;
let key: string;

const job = (cluster: string, id: string) => ({
  slurm: { cluster_name: cluster, job_id: id, job_state: 'RUNNING', submit_time: '2026-01-05T09:00:00-05:00' },
});
const node = (cluster: string, name: string) => ({ slurm: { cluster_name: cluster, name, gres: 'gpu:v100:2' } });

beforeAll(async () => {
  service = await startService();
  collector = await openClusterServices(service.environment);
  key = await service.keyOf('ada@mila.quebec');
  const { states } = collector;
  await service.load({
    gpu: [{ cw_name: 'v100', name: 'v100' }],
    jobs: [
      job('mila', '1'),
      job('beluga', '2'),
      job('imported', '3'),
      job('é far', '4'),
      job('mila', '5'),
      job('beluga', '5'),
    ],
    nodes: [node('mila', 'm1'), node('beluga', 'b1'), node('imported', 'i1')],
  });
  for (const name of ['mila', 'beluga', 'é far', 'unread'])
    await states.configured(clusterNamed(name, LONG_INTERVAL), 'x');
  await states.readWhole('mila', 'jobs', readingAt(FRESH));
  await states.readWhole('mila', 'nodes', readingAt(OLDER));
  await states.readWhole('beluga', 'jobs', readingAt(OLDER));
  await states.readWhole('beluga', 'nodes', readingAt(FRESH));
  await states.readWhole('é far', 'jobs', readingAt(STALE));
  await eventually(async () => {
    expect((await ask('/jobs/list')).observed).toBe(STALE.toISOString());
  });
});

afterAll(async () => {
  await collector.close();
  await service.stop();
});

interface Told {
  status: number;
  observed: string | undefined;
  stale: string | undefined;
}

async function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Told> {
  return toldBy(await service.request(path, { key, ...options }));
}

function toldBy({ status, headers }: ApiAnswer): Told {
  const header = (name: string) => headers[name] as string | undefined;
  return { status, observed: header('clockwork-observed-at'), stale: header('clockwork-stale') };
}

const NOTHING = { observed: undefined, stale: undefined };
const fresh = { status: 200, observed: FRESH.toISOString(), stale: undefined };
const older = { status: 200, observed: OLDER.toISOString(), stale: undefined };
const stale = { status: 200, observed: STALE.toISOString(), stale: '%C3%A9%20far' };

describe('an answer says when what it shows was read:', () => {
  test.each([
    ['/jobs/list', stale],
    ['/jobs/list?limit=1', stale],
    ['/jobs/count', stale],
    ['/jobs/list?cluster_name=mila', fresh],
    ['/jobs/count?cluster_name=mila', fresh],
    ['/jobs/list?cluster_name=mila,beluga', older],
    ['/jobs/list?cluster_name=mila,imported,unread,nowhere', fresh],
    ['/jobs/list?cluster_name=imported', { status: 200, ...NOTHING }],
    ['/jobs/list?cluster_name=unread', { status: 200, ...NOTHING }],
    ['/jobs/one?job_id=1', fresh],
    ['/jobs/one?job_id=1&cluster_name=mila,beluga', fresh],
    ['/jobs/one?job_id=2', older],
    ['/jobs/one?job_id=3', { status: 200, ...NOTHING }],
    ['/jobs/one?job_id=4', stale],
    // That there is none is as old as what was asked.
    ['/jobs/one?job_id=99', stale],
    ['/jobs/one?job_id=99&cluster_name=mila', fresh],
    ['/nodes/list', older],
    ['/nodes/list?cluster_name=beluga', fresh],
    ['/nodes/one?name=m1', older],
    ['/nodes/one?name=b1', fresh],
    ['/nodes/one?name=i1', { status: 200, ...NOTHING }],
    ['/nodes/one/gpu?name=m1', older],
    ['/nodes/one/gpu?name=b1', fresh],
    ['/nodes/one/gpu?name=i1', { status: 200, ...NOTHING }],
    ['/gpu/list', { status: 200, ...NOTHING }],
    ['/clusters/list', { status: 200, ...NOTHING }],
  ])('%s', async (path, told) => {
    expect(await ask(path)).toEqual(told);
    expect(await ask(path, { method: 'HEAD' })).toEqual(told);
  });

  test('a list that the client has already', async () => {
    for (const path of ['/jobs/list', '/nodes/list']) {
      const { headers } = await service.request(path, { key });
      const again = await ask(path, { headers: { 'If-None-Match': String(headers.etag) } });
      expect(again).toEqual({ ...(path === '/jobs/list' ? stale : older), status: 304 });
    }
  });

  test('a list as lines', async () => {
    expect(await ask('/jobs/list', { headers: { Accept: 'application/x-ndjson' } })).toEqual(stale);
  });

  test('not an error', async () => {
    expect(await ask('/jobs/one?job_id=5')).toEqual({ status: 500, ...NOTHING });
    expect(await ask('/jobs/one')).toEqual({ status: 400, ...NOTHING });
    expect(await ask('/jobs/list?after=damaged')).toEqual({ status: 400, ...NOTHING });
  });

  test('of the clusters that the caller may see', async () => {
    const limited = await service.keyOf('bob@mila.quebec', ['--clusters', 'mila,imported']);
    const told = async (path: string) => toldBy(await service.request(path, { key: limited }));
    expect(await told('/jobs/list')).toEqual(fresh);
    expect(await told('/jobs/one?job_id=2')).toEqual(fresh);
    expect(await told('/jobs/list?cluster_name=beluga')).toEqual({ status: 200, ...NOTHING });
    const none = await service.keyOf('eve@mila.quebec', ['--clusters', '']);
    expect(toldBy(await service.request('/jobs/list', { key: none }))).toEqual({ status: 200, ...NOTHING });
  });

  test('within about a second of the reading', async () => {
    const now = new Date();
    await collector.states.readWhole('é far', 'jobs', readingAt(now));
    await eventually(async () => {
      expect(await ask('/jobs/one?job_id=4')).toEqual({ status: 200, observed: now.toISOString(), stale: undefined });
    }, 5_000);
  });
});
