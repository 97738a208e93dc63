import { type ByteAnswer, type ByteRequest, exchangeBytes } from '../support/byte-exchange.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { CODINGS } from '../support/content-codings.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord } from '../support/job-records.js';
import { NDJSON } from '../support/list-representations.js';
import { OpenAnswer } from '../support/open-answer.js';

const JOBS = 3_000;
const PATHS = ['/jobs/list', '/nodes/list', '/gpu/list'];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  const numbers = Array.from({ length: JOBS }, (_, at) => at + 1);
  await service.load({
    gpu: numbers.slice(0, 100).map((number) => ({ cw_name: `gpu${number}`, vendor: 'n\u00e9\u{1F600}' })),
    nodes: numbers.slice(0, 100).map((number) => ({ slurm: { cluster_name: 'mila', name: `cn-${number}` } })),
    jobs: numbers.map((number) =>
      jobRecord({
        slurm: { job_id: String(number), name: `train \u00e9\u{1F600} ${number}` },
        cw: { mila_cluster_username: 'ada' },
        user: { text: 'x'.repeat(number % 700) },
      }),
    ),
  });
});

afterAll(() => service.stop());

function get(path: string, acceptEncoding?: string | string[], request: ByteRequest = {}): Promise<ByteAnswer> {
  const headers = {
    ...request.headers,
    ...(acceptEncoding === undefined ? {} : { 'Accept-Encoding': acceptEncoding }),
  };
  return exchangeBytes(service.url, path, { key, ...request, headers });
}

function varies(answer: ByteAnswer): string[] {
  return (answer.headers.vary ?? '').toLowerCase().split(/\s*,\s*/);
}

describe('the coding of a list', () => {
  let plain: string;
  beforeAll(async () => {
    plain = (await get('/jobs/list')).text;
  });

  // RFC 9110, sections 8.4.1, 12.4.2, 12.4.3 and 12.5.3.
  it.each<[header: string | string[] | undefined, coding: string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['GZip', 'gzip'],
    ['gzip;q=1', 'gzip'],
    ['gzip;q=1.000', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip ; q=0.5', 'gzip'],
    ['gzip;Q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.0', undefined],
    ['gzip;q=0.000', undefined],
    ['gzip ; q=0', undefined],
    ['gzip;Q=0', undefined],
    ['gzip;q=0.5, br;q=0.8', 'br'],
    ['gzip;q=0.8, br;q=0.5', 'gzip'],
    ['zstd;q=0.9, gzip;q=0.8, br;q=0.85', 'zstd'],
    ['zstd;q=0, br;q=0, gzip', 'gzip'],
    ['gzip;q=0, *', 'br or zstd'],
    ['*;q=0.5, gzip;q=0, br;q=0', 'zstd'],
    ['gzip;q=0.1, *;q=0', 'gzip'],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=1', 'gzip'],
    ['identity;q=0, gzip', 'gzip'],
    ['deflate', undefined],
    ['compress, unknown', undefined],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['gzipped', undefined],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br, zstd', 'any'],
    ['*', 'any'],
    [',, gzip ,', 'gzip'],
    [['gzip;q=0', 'br'], 'br'],
    [`${'unknown;q=0.5, '.repeat(900)}gzip`, 'gzip'],
  ])('asked for with %j is %s', async (header, coding) => {
    const answer = await get('/jobs/list', header);
    const chosen = answer.headers['content-encoding'];
    const expected = coding === 'any' ? CODINGS : coding?.split(' or ');
    if (expected === undefined) expect(chosen).toBeUndefined();
    else expect(expected).toContain(chosen);
    expect(answer.status).toBe(200);
    expect(varies(answer)).toContain('accept-encoding');
    expect(answer.text === plain).toBe(true);
    if (chosen !== undefined) expect(answer.bytes.length).toBeLessThan(plain.length / 2);
  });

  it.each(['gzip;q=2', 'gzip;q=', 'gzip;q=x', 'gzip;level=9', 'gzip q=1', ';q=1', ';;,;', '*;q=x', '"gzip"', 'x-gzip'])(
    'asked for with %j, which means nothing sure, is one that decodes to the list',
    async (header) => {
      const answer = await get('/jobs/list', header);
      expect(answer.status).toBe(200);
      expect(answer.text === plain).toBe(true);
    },
  );

  it.each(['identity;q=0', '*;q=0', 'identity;q=0, deflate', 'identity;q=0, *;q=0'])(
    'asked for with %j, which leaves nothing sure, is the list or 406',
    async (header) => {
      const answer = await get('/jobs/list', header);
      expect([200, 406]).toContain(answer.status);
      if (answer.status === 200) expect(answer.text === plain).toBe(true);
    },
  );

  it.each(PATHS)('of %s decodes to what comes uncoded, in JSON and NDJSON', async (path) => {
    for (const accept of path === '/gpu/list' ? ['application/json'] : ['application/json', NDJSON]) {
      const headers = { Accept: accept };
      const uncoded = await get(path, undefined, { headers });
      expect(uncoded.text.length).toBeGreaterThan(4_096);
      for (const coding of CODINGS) {
        const answer = await get(path, coding, { headers });
        expect(answer.headers).toMatchObject({
          'content-encoding': coding,
          'content-type': uncoded.headers['content-type'],
          vary: uncoded.headers.vary,
        });
        expect(answer.text === uncoded.text).toBe(true);
      }
    }
  });

  it('is told by HEAD as by GET, and no body follows', async () => {
    for (const coding of CODINGS) {
      const request = (method: string, connection: string) =>
        `${method} ${BASE}/jobs/list HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
        `Accept-Encoding: ${coding}\r\nConnection: ${connection}\r\n\r\n`;
      const answers = await OpenAnswer.sent(service.url, request('HEAD', 'keep-alive') + request('GET', 'close'));
      await answers.rest();
      const [head = '', following = ''] = answers.raw.toString('latin1').split('\r\n\r\n', 2);
      expect(head).toMatch(new RegExp(`^content-encoding: ${coding}\r?$`, 'im'));
      expect(following).toMatch(/^HTTP\/1\.1 200 /);
      expect(following).toMatch(new RegExp(`^content-encoding: ${coding}\r?$`, 'im'));
    }
  });

  it('of an empty list and of a small one decodes too', async () => {
    for (const query of ['cluster_name=nowhere', 'limit=1']) {
      const uncoded = await get(`/jobs/list?${query}`);
      for (const coding of CODINGS) expect((await get(`/jobs/list?${query}`, coding)).text).toBe(uncoded.text);
    }
  });
});

describe('every other answer', () => {
  const missing = '/api/v1/cluster/no/such/route';
  it.each<[path: string, request?: ByteRequest]>([
    ['/jobs/one?job_id=2999'],
    ['/jobs/one?job_id=none'],
    ['/jobs/count'],
    ['/nodes/one?name=cn-1'],
    ['/nodes/one/gpu?name=cn-1'],
    ['/gpu/one?gpu_name=gpu1'],
    ['/jobs/list?time=x'],
    [missing],
    ['/jobs/list', { method: 'DELETE' }],
    ['/api/v1/cluster/jobs/list', { headers: { Authorization: 'Bearer wrong' } }],
    ['/openapi.json'],
    ['/docs'],
    ['/docs/swagger-ui-bundle.js'],
    ['/docs/swagger-ui.css'],
    ['/health/live'],
    ['/health/ready'],
  ])('of %s decodes to what comes uncoded', async (path, request = {}) => {
    const uncoded = await get(path, undefined, request);
    expect(uncoded.headers).not.toHaveProperty('content-encoding');
    for (const coding of [...CODINGS, 'gzip, deflate, br, zstd', 'gzip;q=0, br;q=0, zstd;q=0']) {
      const answer = await get(path, coding, request);
      const ofRequest = /"instance":"[^"]*"/;
      expect(answer.status).toBe(uncoded.status);
      expect(answer.headers['content-type']).toBe(uncoded.headers['content-type']);
      expect(answer.text.replace(ofRequest, '')).toBe(uncoded.text.replace(ofRequest, ''));
      if (answer.headers['content-encoding'] !== undefined) {
        expect([varies(uncoded), varies(answer)]).toEqual([
          expect.arrayContaining(['accept-encoding']),
          expect.arrayContaining(['accept-encoding']),
        ]);
      }
      const length = answer.headers['content-length'];
      if (length !== undefined) expect(Number(length)).toBe(answer.bytes.length);
    }
  });

  it('of an update of a large dict decodes to what comes uncoded', async () => {
    const body = JSON.stringify({ job_id: '1', update_pairs: { text: 'long '.repeat(20_000) } });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
    const put = { method: 'PUT', headers, body };
    const uncoded = await get('/jobs/user_dict_update', undefined, put);
    expect(uncoded.status).toBe(200);
    for (const coding of CODINGS) {
      const answer = await get('/jobs/user_dict_update', coding, put);
      expect([answer.status, answer.text === uncoded.text]).toEqual([200, true]);
    }
  });

  it.each(['/openapi.json', '/docs/swagger-ui-bundle.js'])('of %s is worth a coding', async (path) => {
    for (const coding of ['gzip', 'br']) expect((await get(path, coding)).headers['content-encoding']).toBe(coding);
  });
});
