import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { jobRecord } from '../support/job-records.js';
import { exchange } from '../support/http-exchange.js';
import { samplesOf, scrape, valueOf } from '../support/metrics.js';

let service: ClockworkService;
let key: string;
let admin: string;
let user: string;

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

beforeAll(async () => {
  service = await startService();
  admin = await service.keyOf('root@example.org', ['--admin']);
  user = await service.keyOf('ada@example.org');
  const created = await service.cli(['keys', 'create', 'ada@example.org', '--scope', 'metrics']);
  key = created.stdout.trim();
  await service.load({ jobs: JOBS, nodes: NODES });
}, 120_000);

afterAll(() => service.stop());

const job = (job_id: number, slurm: object) =>
  jobRecord({ slurm: { job_id: String(job_id), cluster_name: 'mila', partition: 'main', ...slurm } });

const JOBS = [
  ...[1, 2, 3].map((id) =>
    job(id, {
      job_state: 'PENDING',
      partition: 'main,long',
      submit_time: ago(600),
      tres_requested: 'cpu=1,gres/gpu=2',
    }),
  ),
  // A forecast is no start.
  job(4, { job_state: 'PENDING', submit_time: ago(7200), start_time: ago(60) }),
  job(5, {
    job_state: 'RUNNING',
    submit_time: ago(400),
    start_time: ago(100),
    tres_allocated: 'cpu=1,gres/gpu=4,gres/gpu:a100=4',
  }),
  job(6, { job_state: 'RUNNING', submit_time: ago(90_000), start_time: ago(80_000), tres_allocated: 7 }),
  job(7, { job_state: 'COMPLETED', submit_time: ago(1000), start_time: ago(900), end_time: ago(60) }),
  job(8, { job_state: 'FAILED', submit_time: ago(9000), start_time: ago(8000), end_time: ago(30) }),
  job(9, { job_state: 'COMPLETED', submit_time: ago(9000), start_time: ago(8500), end_time: ago(7200) }),
  job(10, { job_state: 'FAILED', submit_time: ago(9000), start_time: 'Unknown', end_time: 'Unknown' }),
  job(11, { job_state: 'RUNNING', partition: 'x'.repeat(300), submit_time: 'Unknown', start_time: 'Unknown' }),
  job(12, { job_state: 'NEVER_HEARD_OF', submit_time: ago(10) }),
];

const node = (name: string, slurm: object) => ({ slurm: { cluster_name: 'mila', name, ...slurm } });
const NODES = [
  node('a', {
    state: 'MIXED',
    gres: 'gpu:a100:4,gpu:v100:2',
    gres_used: 'gpu:a100:3(IDX:0-2),gpu:v100:0',
    cpus: 40,
    alloc_cpus: 8,
  }),
  node('b', { state: 'MIXED+DRAIN', gres: 'gpu:a100:4', alloc_tres: 'cpu=1,gres/gpu=1', cpus: 40, alloc_cpus: 1 }),
  node('c', { state: 'DOWN*', gres: 'gpu:v100:8', cpus: 40 }),
  node('d', { state: 'IDLE', cpus: 8, alloc_cpus: 0 }),
];

describe('who may read it:', () => {
  test.each([
    ['an administrator', () => admin, 200],
    ['a key for metrics', () => key, 200],
    ['any other key', () => user, 403],
    ['a wrong key', () => 'wrong', 401],
  ])('%s', async (_, whose, status) => {
    expect(await service.request('/metrics', { key: whose() })).toMatchObject({ status });
  });

  test('nobody without a key', async () => {
    expect(await service.request('/metrics')).toMatchObject({ status: 401 });
  });
});

test("nothing of a disk where the database is somebody else's, from the first scrape on", async () => {
  const api = await startApi(service.environment);
  const samples = await scrape(api.url, key);
  await api.stop();
  expect(samples).toMatch(/^clockwork_database_up 1$/m);
  expect(samples).not.toMatch(/^clockwork_data_disk/m);
});

describe('the form is what Accept asks for:', () => {
  const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
  test.each([
    [undefined, TEXT],
    ['*/*', TEXT],
    ['text/plain', TEXT],
    ['application/openmetrics-text', OPENMETRICS],
    // As Prometheus 2.42 and 3.0 ask.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      OPENMETRICS,
    ],
    ['application/openmetrics-text;version=0.0.1,text/plain;q=0.5', TEXT],
  ])('%s', async (accept, type) => {
    const headers = accept === undefined ? {} : { Accept: accept };
    const answer = await service.request('/metrics', { key, headers });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': type, 'cache-control': 'no-store' } });
    expect(answer.text.endsWith('\n# EOF\n')).toBe(type === OPENMETRICS);
    expect(answer.text.includes('\n\n')).toBe(type === TEXT);
    // Samples are named alike in both, and what describes a counter is not.
    expect(answer.text).toMatch(/^clockwork_figures_failures_total\{/m);
    expect(answer.text.includes('# TYPE clockwork_figures_failures counter')).toBe(type === OPENMETRICS);
    expect(answer.text.includes('# TYPE clockwork_figures_failures_total counter')).toBe(type === TEXT);
  });
});

describe('requests', () => {
  test('are counted by the pattern of their route, never by their path', async () => {
    const before = await scrape(service.url, key);
    for (const path of ['/jobs/one?job_id=5&cluster_name=mila', '/jobs/one?job_id=0']) {
      await service.request(path, { key: user });
    }
    await service.request('/jobs/one', { key: user });
    for (const path of ['/hunter2', '/api/v1/cluster/hunter2/one?user=hunter2']) {
      await exchange(service.url, path, { key: user });
    }
    await exchange(service.url, '/', { method: 'PROPFIND' });
    const after = await scrape(service.url, key);
    const count = (labels: Record<string, string>) =>
      valueOf(after, 'clockwork_http_request_duration_seconds_count', labels) -
      valueOf(before, 'clockwork_http_request_duration_seconds_count', labels);
    const one = { method: 'GET', route: '/api/v1/cluster/jobs/one' };
    expect([count({ ...one, status: '200' }), count({ ...one, status: '400' })]).toEqual([2, 1]);
    expect(count({ method: 'other' })).toBe(1);
    expect(after).not.toContain('hunter2');
    expect(valueOf(after, 'clockwork_http_requests_in_flight')).toBe(1);
  });

  test('bytes are those that were sent, each once, over connections that are used again', async () => {
    const bytes = async () =>
      valueOf(await scrape(service.url, key), 'clockwork_http_response_bytes_total', {
        route: '/api/v1/cluster/jobs/list',
      });
    const before = await bytes();
    const first = await service.request('/jobs/list', { key: user });
    const once = await bytes();
    await service.request('/jobs/list', { key: user });
    const twice = await bytes();
    expect(once - before).toBeGreaterThan(Buffer.byteLength(first.text));
    expect(once - before).toBeLessThan(Buffer.byteLength(first.text) + 2000);
    expect(twice - once).toBe(once - before);
  });

  test('without a valid key are told apart', async () => {
    const failures = async () => {
      const text = await scrape(service.url, key);
      return ['no_key', 'refused'].map((reason) =>
        valueOf(text, 'clockwork_authentication_failures_total', { reason }),
      );
    };
    const [noKey = 0, refused = 0] = await failures();
    await service.request('/jobs/list');
    await service.request('/jobs/list', { key: 'wrong' });
    await service.request('/jobs/list', { key: 'wrong' });
    expect(await failures()).toEqual([noKey + 1, refused + 2]);
  });
});

test('lists are counted by where they came from', async () => {
  const counts = async () => {
    const text = await scrape(service.url, key);
    return ['client', 'cache', 'database'].map((from) =>
      valueOf(text, 'clockwork_list_answers_total', { list: 'jobs', from }),
    );
  };
  const [client = 0, cache = 0, database = 0] = await counts();
  // A list that nobody else in this file asks for.
  const list = (headers = {}) => service.request('/jobs/list?limit=77', { key: user, headers });
  const { headers } = await list();
  await list();
  expect(await list({ 'If-None-Match': String(headers.etag) })).toMatchObject({ status: 304 });
  expect(await counts()).toEqual([client + 1, cache + 1, database + 1]);
});

describe("the lab's own figures:", () => {
  let text: string;
  beforeAll(async () => {
    // Figures of before the import may be shown for a while.
    text = await eventually(async () => {
      const found = await scrape(service.url, key);
      expect(samplesOf(found, 'clockwork_jobs')).not.toEqual([]);
      return found;
    }, 25_000);
  });

  const main = { cluster: 'mila', partition: 'main' };

  test('jobs that wait and run, by the first partition and state', () => {
    expect(samplesOf(text, 'clockwork_jobs')).toEqual([
      { labels: { cluster: 'mila', partition: '(others)', state: 'RUNNING' }, value: 1 },
      { labels: { ...main, state: 'PENDING' }, value: 4 },
      { labels: { ...main, state: 'RUNNING' }, value: 2 },
    ]);
  });

  test('GPUs that they hold or ask for', () => {
    expect(valueOf(text, 'clockwork_job_gpus', { ...main, state: 'PENDING' })).toBe(6);
    expect(valueOf(text, 'clockwork_job_gpus', { ...main, state: 'RUNNING' })).toBe(4);
  });

  test('jobs that ended within the hour', () => {
    expect(samplesOf(text, 'clockwork_jobs_ended_last_hour')).toEqual([
      { labels: { ...main, state: 'COMPLETED' }, value: 1 },
      { labels: { ...main, state: 'FAILED' }, value: 1 },
    ]);
  });

  test('how long jobs waited that started within the hour, less than 9 % too low', () => {
    expect(samplesOf(text, 'clockwork_jobs_started_last_hour')).toEqual([{ labels: main, value: 2 }]);
    const wait = (percentile: string) => valueOf(text, 'clockwork_job_wait_seconds', { ...main, percentile });
    expect(wait('50')).toBeGreaterThan(91);
    expect(wait('50')).toBeLessThanOrEqual(100);
    expect(wait('99')).toBeGreaterThan(272);
    expect(wait('99')).toBeLessThanOrEqual(300);
  });

  test('how long those have waited that still do', () => {
    const age = (percentile: string) => valueOf(text, 'clockwork_job_pending_age_seconds', { ...main, percentile });
    expect(age('50')).toBeGreaterThan(545);
    expect(age('50')).toBeLessThan(660);
    expect(age('99')).toBeGreaterThan(6540);
  });

  test('GPUs by type: all, allocated, idle, down', () => {
    const of = (gpu: string) =>
      ['', '_allocated', '_idle', '_down'].map((kind) =>
        valueOf(text, `clockwork_gpus${kind}`, { cluster: 'mila', gpu }),
      );
    expect(of('a100')).toEqual([8, 4, 1, 3]);
    expect(of('v100')).toEqual([10, 0, 2, 8]);
  });

  test('nodes and processors', () => {
    const nodes = samplesOf(text, 'clockwork_nodes').map(({ labels, value }) => [labels['state'], value]);
    expect(Object.fromEntries(nodes)).toEqual({ mixed: 1, drained: 1, down: 1, idle: 1 });
    expect(valueOf(text, 'clockwork_cpus')).toBe(128);
    expect(valueOf(text, 'clockwork_cpus_allocated')).toBe(9);
  });

  test('however many scrape, they are worked out once', async () => {
    const times = await Promise.all(
      Array.from({ length: 20 }, async () =>
        samplesOf(await scrape(service.url, key), 'clockwork_figures_timestamp_seconds').map(({ value }) => value),
      ),
    );
    expect(new Set(times.map(String)).size).toBeLessThanOrEqual(2);
  });

  test('every process tells the same', async () => {
    const other = await startApi(service.environment);
    try {
      const told = await scrape(other.url, key);
      for (const name of ['clockwork_jobs', 'clockwork_gpus_allocated', 'clockwork_jobs_ended_last_hour']) {
        expect(samplesOf(told, name)).toEqual(samplesOf(text, name));
      }
    } finally {
      await other.stop();
    }
  });
});
