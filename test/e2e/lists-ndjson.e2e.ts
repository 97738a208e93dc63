import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord } from '../support/job-records.js';
import { jsonLines } from '../support/json-lines.js';
import { expectProblem } from '../support/problem-details.js';

const NDJSON = 'application/x-ndjson';
const LISTS = ['/jobs/list', '/nodes/list', '/gpu/list'];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
  // What would break lines: line ends of all kinds in values and keys.
  const odd = { 'a\nb': 'c\r\nd\u2028e\u2029f\u0085g', list: [[], {}, [1.5, null]], quote: '"\\\n' };
  await service.load({
    gpu: ['v100', 'a100'].map((name) => ({ cw_name: `${name}\n2`, name, vendor: 'nv\nidia', ram: 16.5 })),
    nodes: ['b', 'a\nc', 'c'].map((name) => ({
      slurm: { name, cluster_name: 'mila', gres: 'gpu:v100:2', comment: '\n' },
    })),
    jobs: [
      ...['1', '2', '10'].map((job_id) => jobRecord({ slurm: { job_id, comment: 'two\nlines' }, user: odd })),
      jobRecord({ slurm: { job_id: '3', submit_time: '2024-06-01T10:00:00-04:00' } }),
      // More than one chunk.
      ...Array.from({ length: 700 }, (_, index) =>
        jobRecord({ slurm: { job_id: String(1000 + index) }, user: { text: 'x'.repeat(300) } }),
      ),
    ],
  });
});

afterAll(() => service.stop());

const get = (path: string, accept?: string | string[], method = 'GET') =>
  service.request(path, { key, method, headers: accept === undefined ? {} : { Accept: accept } });

describe.each(LISTS)('%s', (path) => {
  it('as application/x-ndjson is the objects of the JSON list in its order, one a line', async () => {
    const json = await get(path);
    const lines = await get(path, NDJSON);
    expect(lines.status).toBe(200);
    expect(lines.headers['content-type']).toBe(NDJSON);
    expect(jsonLines(lines.text)).toEqual(json.body);
    expect(lines.text.split('\n')).toHaveLength((json.body as unknown[]).length + 1);
    // Byte for byte, not alone as values.
    expect(`[${lines.text.slice(0, -1).split('\n').join(',')}]`).toBe(json.text);
  });

  it('says in both forms what they were chosen by', async () => {
    for (const accept of [undefined, NDJSON]) {
      const { vary } = (await get(path, accept)).headers;
      const names = (vary ?? '').split(/\s*,\s*/).map((name) => name.toLowerCase());
      expect(names.toSorted()).toEqual(['accept', 'accept-encoding']);
    }
  });

  it.each([
    NDJSON,
    'Application/X-NDJSON',
    'application/x-ndjson;q=0.1',
    'application/x-ndjson; q=1.000',
    'application/x-ndjson, application/json;q=0.9',
    'application/json;q=0.2,application/x-ndjson;q=0.3',
    'text/html, application/x-ndjson',
    'application/x-ndjson, */*;q=0.1',
    'application/x-ndjson, application/*;q=0.5, */*;q=0.1',
    'application/json;q=0, application/x-ndjson;q=0.5, */*',
    ' , application/x-ndjson ,',
  ])('comes as lines for Accept: %s', async (accept) => {
    expect((await get(path, accept)).headers['content-type']).toBe(NDJSON);
  });

  it.each([
    'application/json',
    '*/*',
    'application/*',
    'application/x-ndjson;q=0',
    'application/x-ndjson;q=0.0, */*',
    'application/json, application/x-ndjson',
    'application/json;q=0.5, application/x-ndjson;q=0.5',
    'application/x-ndjson;q=0.5, application/json',
    'application/x-ndjson;q=0.5, */*',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/html',
    'application/x-ndjsonp',
    'application/problem+json',
    'application/x-json',
    'nonsense',
    '',
  ])('comes as JSON for Accept: "%s"', async (accept) => {
    const answer = await get(path, accept);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    expect(Array.isArray(answer.body)).toBe(true);
  });

  it('takes several Accept headers as one', async () => {
    expect((await get(path, ['text/html', NDJSON])).headers['content-type']).toBe(NDJSON);
    expect((await get(path, ['application/json', NDJSON])).headers['content-type']).toMatch(/^application\/json/);
  });

  it('answers HEAD as GET, without the body', async () => {
    const head = await get(path, NDJSON, 'HEAD');
    expect([head.status, head.headers['content-type'], head.text]).toEqual([200, NDJSON, '']);
  });

  it('answers 401 as problem details', async () => {
    expectProblem(await service.request(path, { headers: { Accept: NDJSON } }), 401, /./);
  });
});

describe('application/x-ndjson', () => {
  it('of an empty list is an empty body', async () => {
    for (const path of ['/jobs/list?cluster_name=nowhere', '/nodes/list?cluster_name=nowhere']) {
      const { status, text, headers } = await get(path, NDJSON);
      expect([status, text, headers['content-type']]).toEqual([200, '', NDJSON]);
    }
  });

  it('goes with filters and limits', async () => {
    const page = await get('/jobs/list?limit=1', NDJSON);
    expect(jsonLines(page.text)).toMatchObject([{ slurm: { job_id: '3' } }]);
    expect(page.headers).toHaveProperty('link');
    const two = await get('/nodes/list?limit=2', NDJSON);
    expect(jsonLines(two.text).map((node) => (node['slurm'] as { name: string }).name)).toEqual(['a\nc', 'b']);
  });

  it('is no form of an error: that is problem details', async () => {
    expectProblem(await get('/jobs/list?time=abc', NDJSON), 400, /^time: /);
    expectProblem(await get('/nodes/list?limit=0', NDJSON), 400, /^limit: /);
  });

  it('is no form of what is no list: that is JSON', async () => {
    for (const path of ['/jobs/one?job_id=1', '/jobs/count', '/nodes/one?name=b', '/gpu/one?gpu_name=v100']) {
      expect((await get(path, NDJSON)).headers['content-type']).toMatch(/^application\/json\b/);
    }
  });
});
