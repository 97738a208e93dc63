import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { clusterNamed, readingAt } from '../support/cluster-configurations.js';
import { type ClusterServices, openClusterServices } from '../support/cluster-services.js';
import { expectProblem } from '../support/problem-details.js';

interface ListedCluster {
  name: string;
  stale: boolean;
  failures: { what: string; since: string; at: string; consecutive: number; message?: string }[];
}

const SECRET = 'cannot reach login.internal.example.org';

let service: ClockworkService;
let collector: ClusterServices;
let key: string;
let adminKey: string;

beforeAll(async () => {
  service = await startService();
  collector = await openClusterServices(service.environment);
  key = await service.keyOf('ada@mila.quebec');
  adminKey = await service.keyOf('root@mila.quebec', ['--admin']);
});

afterAll(async () => {
  await collector.close();
  await service.stop();
});

async function list(query = '', as = key): Promise<ListedCluster[]> {
  const answer = await service.request(`/clusters/list${query}`, { key: as });
  expect(answer.status).toBe(200);
  return answer.body as ListedCluster[];
}

async function one(name: string, as = key): Promise<ListedCluster> {
  const [cluster] = await list(`?cluster_name=${encodeURIComponent(name)}`, as);
  if (cluster === undefined) throw new Error(`${name} is not listed`);
  return cluster;
}

describe('clusters/list', () => {
  test('is empty where no cluster is configured', async () => {
    expect(await list()).toEqual([]);
  });

  test('of a cluster that was never read has it as stale, and nothing else to tell', async () => {
    await collector.states.configured(clusterNamed('new', { accountKind: 'cc', intervalMs: 120_000 }), 'squeue here');
    expect(await one('new')).toEqual({
      name: 'new',
      configured: true,
      account_kind: 'cc',
      time_zone: 'America/Toronto',
      interval: 120,
      slurm_version: null,
      observed_at: null,
      stale: true,
      jobs: null,
      nodes: null,
      accounting: null,
      failures: [],
      waiting: 0,
      next_at: null,
    });
  });

  test('tells of the last whole readings, and of the older as that of the cluster', async () => {
    const jobsAt = new Date(Date.now() - 10_000);
    const nodesAt = new Date(Date.now() - 5_000);
    const until = new Date('2026-01-05T03:00:00.000Z');
    await collector.states.configured(clusterNamed('read'), 'squeue here');
    await collector.states.readWhole('read', 'jobs', readingAt(jobsAt, 1803));
    await collector.states.readWhole('read', 'nodes', { ...readingAt(nodesAt), slurmVersion: null });
    await collector.states.readWhole('read', 'accounting', readingAt(nodesAt));
    await collector.states.setSweep('read', { until: until.getTime(), at: nodesAt.getTime() });
    await collector.states.planned('read', nodesAt.getTime() + 30_000, 7);
    const reading = { duration: 0.412, records: 3, skipped: 1 };
    expect(await one('read')).toMatchObject({
      slurm_version: '24.11.5',
      observed_at: jobsAt.toISOString(),
      stale: false,
      jobs: { ...reading, records: 1803, observed_at: jobsAt.toISOString() },
      nodes: { ...reading, observed_at: nodesAt.toISOString() },
      accounting: { ...reading, observed_at: nodesAt.toISOString(), swept_until: until.toISOString() },
      waiting: 7,
      next_at: new Date(nodesAt.getTime() + 30_000).toISOString(),
    });
    expect(await collector.states.sweep('read')).toEqual({ until: until.getTime(), at: nodesAt.getTime() });
    expect(await collector.states.sweep('new')).toEqual({ until: null, at: null });
  });

  test('calls stale what is older than three intervals', async () => {
    await collector.states.configured(clusterNamed('old', { intervalMs: 60_000 }), 'squeue here');
    await collector.states.readWhole('old', 'nodes', readingAt(new Date()));
    for (const [age, stale] of [
      [150_000, false],
      [200_000, true],
    ] as const) {
      await collector.states.readWhole('old', 'jobs', readingAt(new Date(Date.now() - age)));
      expect((await one('old')).stale).toBe(stale);
    }
  });

  test('keeps what was read when the cluster is configured anew', async () => {
    const before = await one('read');
    await collector.states.configured(clusterNamed('read', { intervalMs: 45_000 }), 'squeue here');
    expect(await one('read')).toEqual({ ...before, interval: 45 });
  });

  test('tells what fails, since when and how often, until it goes well again', async () => {
    await collector.states.configured(clusterNamed('failing'), 'squeue here');
    await collector.states.failed('failing', 'accounting', { kind: 'timeout', message: 'sacct was slow' });
    for (let times = 0; times < 3; times += 1) {
      await collector.states.failed('failing', 'jobs', { kind: 'unreachable', message: SECRET });
    }
    const { failures } = await one('failing');
    expect(failures).toMatchObject([
      { what: 'accounting', kind: 'timeout', consecutive: 1 },
      { what: 'jobs', kind: 'unreachable', consecutive: 3 },
    ]);
    const [, jobs] = failures;
    expect(Date.parse(jobs?.since ?? '')).toBeLessThan(Date.parse(jobs?.at ?? ''));

    await collector.states.readWhole('failing', 'jobs', readingAt(new Date()));
    expect((await one('failing')).failures).toMatchObject([{ what: 'accounting' }]);
    await collector.states.succeeded('failing', 'accounting');
    await collector.states.succeeded('failing', 'write');
    expect((await one('failing')).failures).toEqual([]);
  });

  test('shows messages and how a cluster is reached to admins alone', async () => {
    await collector.states.configured(clusterNamed('hidden'), `by ssh to ${SECRET}`);
    await collector.states.failed('hidden', 'nodes', { kind: 'unreachable', message: `$${SECRET}` });
    const { text } = await service.request('/clusters/list?cluster_name=hidden', { key });
    expect(text).toContain('unreachable');
    expect(text).not.toContain(SECRET);
    const shown = await one('hidden', adminKey);
    expect(shown).toMatchObject({ source: `by ssh to ${SECRET}`, failures: [{ message: `$${SECRET}` }] });
  });

  test('keeps a cluster that is no longer configured, without what fails', async () => {
    await collector.states.configured(clusterNamed('gone'), 'squeue here');
    await collector.states.readWhole('gone', 'jobs', readingAt(new Date(0)));
    await collector.states.failed('gone', 'jobs', { kind: 'failed', message: 'x' });
    const others = (await list()).map(({ name }) => name).filter((name) => name !== 'gone');
    await collector.states.removedExcept(others);
    expect(await one('gone')).toMatchObject({
      configured: false,
      stale: true,
      jobs: { observed_at: '1970-01-01T00:00:00.000Z' },
      failures: [],
    });
    expect(await one('read')).toMatchObject({ configured: true });
  });

  test('is by name, and takes cluster_name', async () => {
    const names = (await list()).map(({ name }) => name);
    expect(names).toEqual(['failing', 'gone', 'hidden', 'new', 'old', 'read']);
    const asked = await list('?cluster_name=read,nowhere,old');
    expect(asked.map(({ name }) => name)).toEqual(['old', 'read']);
    expectProblem(await service.request('/clusters/list?cluster_name=', { key }), 400, /^cluster_name: /);
  });

  test('shows no cluster that the caller may not see', async () => {
    const limited = await service.keyOf('bob@mila.quebec', ['--clusters', 'read,new']);
    expect((await list('', limited)).map(({ name }) => name)).toEqual(['new', 'read']);
    expect(await list('?cluster_name=old', limited)).toEqual([]);
    const none = await service.keyOf('eve@mila.quebec', ['--clusters', '']);
    expect(await list('', none)).toEqual([]);
  });

  test('needs a key, answers under both base paths and to HEAD, and has no tag', async () => {
    expectProblem(await service.request('/clusters/list'), 401, /./);
    expectProblem(await service.request('/clusters/list', { key, method: 'POST' }), 405, /./);
    const answer = await service.request('/api/v1/clusters/clusters/list', { key });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('etag');
    const head = await service.request('/clusters/list', { key, method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
  });

  test('has names of any kind', async () => {
    const odd = ['$set', 'a.b', 'é \u{1D4B3}', '__proto__'];
    for (const name of odd) {
      await collector.states.configured(clusterNamed(name), '$source');
      await collector.states.readWhole(name, 'jobs', readingAt(new Date()));
      expect(await one(name, adminKey)).toMatchObject({ name, source: '$source', jobs: { records: 3 } });
    }
  });
});
