import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';
import { sendBytes } from '../support/raw-http.js';

const BASE = '/api/v1/cluster';
const UPDATE = '/jobs/user_dict_update';
const EMAIL = 'ada@mila.quebec';
const MiB = 1024 * 1024;

const FILTERS = {
  user: 'ada',
  username: 'ada',
  time: '60',
  relative_time: '60',
  cluster_name: 'mila',
  job_state: 'RUNNING',
  phase: 'running',
  outcome: 'failed',
  partition: 'main',
  account: 'mila',
  array_job_id: '1',
};
const PAGE = { limit: '5', after: 'x' };
/** Every parameter of every route, with a value that it takes. */
const PARAMETERS: Record<string, Record<string, string>> = {
  '/jobs/list': { ...FILTERS, ...PAGE, fields: 'user' },
  '/jobs/count': FILTERS,
  '/jobs/one': { job_id: '1', cluster_name: 'mila' },
  '/nodes/list': { cluster_name: 'mila', ...PAGE },
  '/nodes/one': { name: 'cn-a001', node_name: 'cn-a001', cluster_name: 'mila' },
  '/nodes/one/gpu': { name: 'cn-a001', node_name: 'cn-a001', cluster_name: 'mila' },
  '/gpu/one': { gpu_name: 'v100' },
  [UPDATE]: { job_id: '1', cluster_name: 'mila', update_pairs: '{}' },
};
const LISTS = ['user', 'username', 'cluster_name', 'job_state', 'phase', 'outcome', 'partition', 'account', 'fields'];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf(EMAIL);
  const slurm = { job_id: '1', cluster_name: 'mila', job_state: 'RUNNING' };
  await service.load({ jobs: [{ slurm, cw: { mila_email_username: EMAIL }, user: { kept: 1 } }] });
});

afterEach(async () => {
  // Nothing of what was refused has changed anything, and the server lives on.
  expect((await service.request('/jobs/one?job_id=1', { key })).body).toMatchObject({ user: { kept: 1 } });
  expect(((await service.request('/jobs/one?job_id=1', { key })).body as { user: object }).user).toEqual({ kept: 1 });
});

afterAll(() => service.stop());

function send(route: string, queryString: string): Promise<ApiAnswer> {
  return service.request(`${route}?${queryString}`, { key, method: route === UPDATE ? 'PUT' : 'GET' });
}

/** The same mistake made with each parameter of each route in turn, the other needed ones being given. */
async function refuseEach(mistake: (name: string, value: string) => string, why: string): Promise<void> {
  for (const [route, parameters] of Object.entries(PARAMETERS)) {
    for (const [name, value] of Object.entries(parameters)) {
      const others = Object.entries(parameters).filter(
        ([other]) => ['job_id', 'update_pairs'].includes(other) && other !== name,
      );
      const queryString = [new URLSearchParams(others).toString(), mistake(name, value)].filter(Boolean).join('&');
      const answer = await send(route, queryString);
      expectProblem(answer, 400, new RegExp(`^"?${name}"?: .*${why}`));
    }
  }
}

function update(body: string | Buffer, headers: Record<string, string> = { 'Content-Type': 'application/json' }) {
  return service.request(UPDATE, { key, method: 'PUT', body, headers });
}

describe('each known parameter of each route is 400, with a sentence that names it, when it is', () => {
  test('given twice', () => refuseEach((name, value) => `${name}=${value}&${name}=${value}`, 'more than once'));

  test('given twice, once with its name percent-encoded', () =>
    refuseEach(
      (name, value) => `${name}=${value}&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=${value}`,
      'more than once',
    ));

  test('an object, which would be a database operator', () =>
    refuseEach((name) => `${name}[$ne]=x`, 'not an object or a list'));

  test('an object in percent-encoding', () => refuseEach((name) => `${name}%5B%24gt%5D=`, 'not an object or a list'));

  test('a list', () => refuseEach((name, value) => `${name}[]=${value}`, 'not an object or a list'));

  test('empty', () => refuseEach((name) => `${name}=`, 'empty'));

  test('without an equals sign', () => refuseEach((name) => name, 'empty'));

  test('a text with a NUL', () => refuseEach((name) => `${name}=a%00b`, 'NUL'));

  test('no UTF-8', () => refuseEach((name) => `${name}=%ff`, 'not valid UTF-8'));

  test('half a character', () => refuseEach((name) => `${name}=caf%c3`, 'not valid UTF-8'));

  test('wrongly percent-encoded', () => refuseEach((name) => `${name}=50%`, 'percent sign'));

  test('percent-encoded with what is no hexadecimal digit', () => refuseEach((name) => `${name}=%zz`, 'percent sign'));
});

test.each(['a,', ',a', 'a,,b', ','])('an empty item in a list (%s) is 400', async (value) => {
  for (const [route, parameters] of Object.entries(PARAMETERS)) {
    for (const name of LISTS.filter((list) => list in parameters)) {
      const others = route === UPDATE ? 'update_pairs={}&job_id=1&' : route === '/jobs/one' ? 'job_id=1&' : '';
      expectProblem(await send(route, `${others}${name}=${value}`), 400, new RegExp(`^${name}: .*empty item`));
    }
  }
});

test('what is needed and left out is 400', async () => {
  expectProblem(await send('/jobs/one', 'cluster_name=mila'), 400, /^job_id: is needed/);
  expectProblem(await send('/nodes/one', 'cluster_name=mila'), 400, /^name: is needed/);
  expectProblem(await send('/nodes/one/gpu', ''), 400, /^name: is needed/);
  expectProblem(await send('/gpu/one', ''), 400, /^gpu_name: is needed/);
  expectProblem(await send(UPDATE, 'update_pairs={}'), 400, /^job_id: is needed/);
  expectProblem(await send(UPDATE, 'job_id=1'), 400, /^update_pairs: is needed/);
});

test('an operator as a value is a text like another', async () => {
  for (const value of ['$ne', '{"$ne":null}', '{"$gt":""}', '.*', 'a.b', '__proto__', 'constructor']) {
    expect(await send('/jobs/list', `user=${encodeURIComponent(value)}`)).toMatchObject({ status: 200, body: [] });
    expect(await send('/nodes/one', `name=${encodeURIComponent(value)}`)).toMatchObject({ status: 200, body: {} });
  }
});

describe('a parameter that the route does not know is ignored', () => {
  test.each([
    'format=json',
    'format=a&format=b',
    'format=',
    'format',
    'format[$ne]=1&format[]=2',
    '__proto__=1&constructor=2&toString=3',
    'USER=ada&User=bob',
    '&&&',
    '=',
  ])('%s', async (queryString) => {
    expect(((await send('/jobs/list', queryString)).body as unknown[]).length).toBe(1);
    expect((await send('/gpu/list', `${queryString}&gpu_name=x`)).status).toBe(200);
    expect((await send('/nodes/list', `${queryString}&user=a&user=b`)).status).toBe(200);
  });
});

describe('of two names for one parameter', () => {
  const PAIRS = [
    ['/jobs/list', 'user', 'username', 'ada', 'bob'],
    ['/jobs/count', 'user', 'username', 'ada', 'bob'],
    ['/jobs/list', 'time', 'relative_time', '60', '61'],
    ['/jobs/count', 'time', 'relative_time', '60', '61'],
    ['/nodes/one', 'name', 'node_name', 'cn-a001', 'cn-a002'],
    ['/nodes/one/gpu', 'name', 'node_name', 'cn-a001', 'cn-a002'],
  ] as const;

  test.each(PAIRS)('%s takes %s, %s, or both where they are equal', async (route, name, alias, value) => {
    for (const queryString of [`${name}=${value}`, `${alias}=${value}`, `${name}=${value}&${alias}=${value}`]) {
      expect((await send(route, queryString)).status).toBe(200);
    }
  });

  test.each(PAIRS)('%s refuses %s and %s with different values', async (route, name, alias, value, other) => {
    const both = new RegExp(`(?=.*\\b${name}\\b)(?=.*\\b${alias}\\b).*different values`);
    expectProblem(await send(route, `${name}=${value}&${alias}=${other}`), 400, both);
    expectProblem(await send(route, `${alias}=${value}&${name}=${other}`), 400, both);
  });

  test.each(PAIRS)('%s checks %s and %s alike', async (route, name, alias) => {
    for (const each of [name, alias])
      expectProblem(await send(route, `${each}=`), 400, new RegExp(`^${each}: .*empty`));
  });
});

describe('bounds:', () => {
  test('a request line of 15 KiB is taken, one of 20 KiB is 414', async () => {
    expect((await send('/jobs/list', `user=${'a'.repeat(15 * 1024)}`)).status).toBe(200);
    expectProblem(await send('/jobs/list', `user=${'a'.repeat(20 * 1024)}`), 414, /request line is longer than 16 KiB/);
    expectProblem(await service.request(`/${'a'.repeat(20 * 1024)}`, { key }), 414, /longer than 16 KiB/);
  });

  test('a header of 15 KiB is taken, one of 20 KiB is 431 that names it', async () => {
    const withHeader = (length: number) =>
      service.request('/gpu/list', { key, headers: { 'X-Long': 'a'.repeat(length) } });
    expect((await withHeader(15 * 1024)).status).toBe(200);
    expectProblem(await withHeader(20 * 1024), 431, /header X-Long is longer than 16 KiB/);
  });

  test('headers of 70 KiB together are 431', async () => {
    const headers = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`X-${n}`, 'a'.repeat(10 * 1024)]));
    expectProblem(await service.request('/gpu/list', { key, headers }), 431, /longer than 64 KiB/);
  });

  test('a body of exactly 8 MiB is taken', async () => {
    const body = '{"job_id":"1","update_pairs":{}}';
    expect(await update(body.padEnd(8 * MiB))).toMatchObject({ status: 200, body: { kept: 1 } });
  });

  test('a body of one byte more is 413', async () => {
    expectProblem(await update('{"job_id":"1","update_pairs":{}}'.padEnd(8 * MiB + 1)), 413, /larger than 8 MiB/);
  });

  test('a body that announces 1 GiB is 413, answered before it is read', async () => {
    const head = requestHead({ 'Content-Type': 'application/json', 'Content-Length': String(1024 * MiB) });
    const [answer] = await sendBytes(service.url, `${head}{"job_id"`);
    expectProblem(answer, 413, /larger than 8 MiB/);
  });

  test('a chunked body beyond 8 MiB is 413, answered before its end', async () => {
    const head = requestHead({ 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    const chunk = `${(9 * MiB).toString(16)}\r\n${' '.repeat(9 * MiB)}\r\n`;
    const [answer] = await sendBytes(service.url, head + chunk);
    expectProblem(answer, 413, /larger than 8 MiB/);
  });
});

function requestHead(headers: Record<string, string>, method = 'PUT', target = BASE + UPDATE): string {
  const all = { Host: 'host', Authorization: `Bearer ${key}`, ...headers };
  return `${method} ${target} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

describe('a body is', () => {
  test.each([
    ['{', /^body: it is not JSON/],
    ['{"job_id":"1",}', /^body: it is not JSON/],
    ["{'job_id': '1'}", /^body: it is not JSON/],
    ['job_id=1', /^body: it is not JSON/],
    ['{"job_id":"1","update_pairs":{}} x', /^body: it is not JSON.* at character 34/],
    ['{"job_id":"1","update_pairs":{"a":NaN}}', /^body: NaN is not JSON.*null/],
    ['null', /^body: must be a JSON object/],
    ['[]', /^body: must be a JSON object/],
    ['"text"', /^body: must be a JSON object/],
    ['1', /^body: must be a JSON object/],
  ])('400 where it is not a JSON object: %s', async (body, detail) => {
    expectProblem(await update(body), 400, detail);
  });

  test.each<[string, unknown, RegExp]>([
    ['job_id', { $ne: null }, /^job_id: must be a text/],
    ['job_id', ['1'], /^job_id: must be a text/],
    ['job_id', true, /^job_id: must be a text/],
    ['job_id', 1.5, /^job_id: must be a text/],
    ['job_id', '', /^job_id: .*empty/],
    ['job_id', 'a\0', /^job_id: .*NUL/],
    ['cluster_name', { $in: ['mila'] }, /^cluster_name: must be a text/],
    ['cluster_name', 5, /^cluster_name: must be a text/],
    ['cluster_name', '', /^cluster_name: .*empty/],
    ['cluster_name', 'mila,', /^cluster_name: .*empty item/],
    ['update_pairs', [], /^update_pairs: must be a JSON object/],
    ['update_pairs', 5, /^update_pairs: must be a JSON object/],
    ['update_pairs', '', /^update_pairs: .*empty/],
    ['update_pairs', '[]', /^update_pairs: must be a JSON object/],
    ['update_pairs', '{', /^update_pairs: it is not JSON/],
    ['job_id', null, /^job_id: is needed/],
    ['update_pairs', null, /^update_pairs: is needed/],
  ])('400 where its %s is %j', async (name, value, detail) => {
    expectProblem(await update(JSON.stringify({ job_id: '1', update_pairs: {}, [name]: value })), 400, detail);
  });

  test('400 where it gives an argument twice', async () => {
    expectProblem(await update('{"job_id":"1","job_id":"1","update_pairs":{}}'), 400, /^job_id: .*more than once/);
    expectProblem(
      await update('{"job_id":"1","update_pairs":{},"update_pairs":{}}'),
      400,
      /^update_pairs: .*more than once/,
    );
  });

  test('400 where it is nested 100 000 levels deep', async () => {
    const nest = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);
    expectProblem(await update(nest('[', ']')), 400, /^body: .*levels deep/);
    expectProblem(
      await update(`{"job_id":"1","update_pairs":${nest('{"a":', '}').replace('}', '1}')}}`),
      400,
      /levels deep/,
    );
    expectProblem(
      await update(JSON.stringify({ job_id: '1', update_pairs: nest('[', ']') })),
      400,
      /^update_pairs: .*levels deep/,
    );
  });

  test('400 where it is not UTF-8', async () => {
    expectProblem(await update(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400, /^body: .*UTF-8/);
    expectProblem(await update(Buffer.from('{"job_id":"1"}', 'utf16le')), 400, /^body: /);
  });

  test('400 where it is empty, as nothing is said', async () => {
    expectProblem(await update(''), 400, /^job_id: is needed/);
  });

  test('400 where a form gives an argument twice, empty, as an object or wrongly encoded', async () => {
    for (const [body, detail] of [
      ['job_id=1&job_id=1&update_pairs={}', /^job_id: .*more than once/],
      ['job_id=&update_pairs={}', /^job_id: .*empty/],
      ['job_id[$ne]=1&update_pairs={}', /^job_id: .*not an object/],
      ['job_id=%ff&update_pairs={}', /job_id.*UTF-8/],
      ['job_id=%&update_pairs={}', /job_id.*percent sign/],
      ['job_id=1&update_pairs[a]=1', /^update_pairs: .*not an object/],
    ] as const) {
      expectProblem(await update(body, { 'Content-Type': 'application/x-www-form-urlencoded' }), 400, detail);
    }
  });

  test('415 with any other Content-Type, or none, naming those that are taken', async () => {
    const body = '{"job_id":"1","update_pairs":{}}';
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'nonsense',
      'application/jsonx',
    ]) {
      expectProblem(
        await update(body, { 'Content-Type': type }),
        415,
        /application\/json.*application\/x-www-form-urlencoded/,
      );
    }
    expectProblem(await update(body, {}), 415, /it has none/);
  });

  test('taken with a Content-Type in any case and with parameters', async () => {
    for (const type of ['Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="utf-8"']) {
      expect((await update('{"job_id":"1","update_pairs":{}}', { 'Content-Type': type })).status).toBe(200);
    }
  });

  test('415 with a Content-Encoding', async () => {
    for (const encoding of ['gzip', 'br', 'deflate, gzip', 'nonsense']) {
      const headers = { 'Content-Type': 'application/json', 'Content-Encoding': encoding };
      expectProblem(await update('{"job_id":"1","update_pairs":{}}', headers), 415, /^Content-Encoding: /);
    }
  });

  test('ignored where the route takes none, however broken', async () => {
    const options = { key, body: '{"user":', headers: { 'Content-Type': 'nonsense' } };
    expect((await service.request('/jobs/list', options)).body).toHaveLength(1);
  });

  test('no error of the server where it ends early', async () => {
    const head = requestHead({ 'Content-Type': 'application/json', 'Content-Length': '100' });
    const [answer] = await sendBytes(service.url, `${head}{"job_id"`, 1, { leave: true });
    expectProblem(answer, 400, /not valid HTTP/);
    await service.request('/gpu/list', { key });
    expect(service.process.stderr()).not.toContain('"level":"error"');
  });
});

describe('a path that cannot be decoded is 400:', () => {
  test.each(['/jobs/%zz', '/jobs/%', '/jobs/%f', '/jobs/%ff', '/jobs/caf%c3'])('%s', async (path) => {
    for (const base of [BASE, '/api/v1/clusters']) {
      expectProblem(await service.request(base + path, { key }), 400, /^path: a percent sign/);
    }
  });
});

describe('what is not HTTP is 400 that says why:', () => {
  const authorized = () => `Host: host\r\nAuthorization: Bearer ${key}\r\n`;
  test.each<[string, () => string | Buffer, RegExp]>([
    ['text', () => 'hello\r\n\r\n', /not valid HTTP: /],
    ['a TLS handshake', () => Buffer.from([0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3]), /not valid HTTP: /],
    ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /not valid HTTP: /],
    ['an unknown method', () => `FETCH / HTTP/1.1\r\n${authorized()}\r\n`, /not valid HTTP: .*method/],
    ['no Host', () => `GET ${BASE}/jobs/list HTTP/1.1\r\nAuthorization: Bearer ${key}\r\n\r\n`, /^Host: .*missing/],
    [
      'a space in the target',
      () => `GET ${BASE}/jobs/list?user=a b HTTP/1.1\r\n${authorized()}\r\n`,
      /not valid HTTP: /,
    ],
    ['a NUL in the path', () => `GET ${BASE}/jobs/\0 HTTP/1.1\r\n${authorized()}\r\n`, /not valid HTTP: .*path/],
    [
      'raw UTF-8 in a query string',
      () => `GET ${BASE}/jobs/list?user=é HTTP/1.1\r\n${authorized()}\r\n`,
      /not valid HTTP: .*query/,
    ],
    [
      'a raw byte in a path',
      () => Buffer.from(`GET ${BASE}/\xff HTTP/1.1\r\n${authorized()}\r\n`, 'latin1'),
      /not valid HTTP: .*path/,
    ],
    [
      'a NUL in a header',
      () => `GET ${BASE}/gpu/list HTTP/1.1\r\n${authorized()}X: a\0b\r\n\r\n`,
      /not valid HTTP: .*header/,
    ],
    [
      'a header without a name',
      () => `GET ${BASE}/gpu/list HTTP/1.1\r\n${authorized()}: x\r\n\r\n`,
      /not valid HTTP: /,
    ],
    [
      'two lengths',
      () => requestHead({ 'Content-Length': '1\r\nContent-Length: 2' }),
      /not valid HTTP: .*Content-Length/,
    ],
    ['a length below zero', () => requestHead({ 'Content-Length': '-1' }), /not valid HTTP: .*Content-Length/],
    [
      'a length beyond 64 bits',
      () => requestHead({ 'Content-Length': '9'.repeat(30) }),
      /not valid HTTP: .*Content-Length/,
    ],
    [
      'a length and chunks',
      () => requestHead({ 'Content-Length': '1', 'Transfer-Encoding': 'chunked' }),
      /not valid HTTP: .*Transfer-Encoding/,
    ],
    [
      'a chunk without a size',
      () => `${requestHead({ 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' })}zz\r\n`,
      /not valid HTTP: .*chunk/,
    ],
    ['CONNECT', () => `CONNECT host:80 HTTP/1.1\r\n${authorized()}\r\n`, /^CONNECT: .*not a proxy/],
  ])('%s', async (_, bytes, detail) => {
    const [answer] = await sendBytes(service.url, bytes());
    expectProblem(answer, 400, detail);
  });
});

describe('what is unusual HTTP is answered:', () => {
  const get = (target: string, headers: Record<string, string> = {}) => requestHead(headers, 'GET', target);

  test('requests in a row, without waiting, in their order', async () => {
    const answers = await sendBytes(
      service.url,
      ['/jobs/list', '/nothing', '/gpu/list'].map((path) => get(BASE + path)).join(''),
      3,
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200]);
    expect(answers[2]?.body).toContainEqual(expect.objectContaining({ cw_name: 'v100' }));
  });

  test('a request after garbage on the same connection is not', async () => {
    const answers = await sendBytes(service.url, `garbage\r\n\r\n${get(`${BASE}/jobs/list`)}`, 2);
    expect(answers.map(({ status }) => status)).toEqual([400]);
  });

  test('HTTP/1.0, without Host', async () => {
    const [answer] = await sendBytes(
      service.url,
      `GET ${BASE}/gpu/list HTTP/1.0\r\nAuthorization: Bearer ${key}\r\n\r\n`,
    );
    expect(answer?.status).toBe(200);
  });

  test('an absolute target', async () => {
    for (const base of [BASE, '/api/v1/clusters']) {
      expect((await sendBytes(service.url, get(`http://other.example${base}/gpu/list`)))[0]?.status).toBe(200);
    }
  });

  test('OPTIONS *', async () => {
    const [answer] = await sendBytes(service.url, requestHead({}, 'OPTIONS', '*'));
    expectProblem(answer, 404, /nothing at this path/);
  });

  test('an upgrade to another protocol, by not taking it', async () => {
    const [answer] = await sendBytes(
      service.url,
      get(`${BASE}/gpu/list`, { Connection: 'Upgrade', Upgrade: 'websocket' }),
    );
    expect(answer?.status).toBe(200);
  });

  test('Expect: 100-continue, and any other expectation as if it were not there', async () => {
    const body = '{"job_id":"1","update_pairs":{}}';
    for (const expectation of ['100-continue', 'miracles']) {
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': String(body.length),
        Expect: expectation,
      };
      const [answer] = await sendBytes(service.url, requestHead(headers) + body);
      expect(answer).toMatchObject({ status: 200, body: { kept: 1 } });
    }
  });
});
