import { MongoClient } from 'mongodb';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { sendBytes } from '../support/raw-http.js';

interface LogLine {
  level: string;
  time: string;
  msg: string;
  request_id?: string;
  method?: string;
  route?: string;
  status?: number;
}

/** What nobody but its sender may see; each stands in another part of a request. */
const SECRET = {
  query: 'secret-of-the-query',
  name: 'secret-of-a-name',
  path: 'secret-of-the-path',
  header: 'secret-of-a-header',
  body: 'secret-of-the-body',
  authorization: 'secret-of-the-authorization',
};

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'trace' });
  key = await service.keyOf('ada@mila.quebec', ['--cluster-username', 'ada']);
  const slurm = { job_id: '1', cluster_name: 'mila', job_state: 'RUNNING', mila_cluster_username: 'ada' };
  await service.load({ jobs: [{ slurm, user: {} }] });
});

afterAll(() => service.stop());

function lines(): LogLine[] {
  const complete = service.process.stderr().split('\n').slice(0, -1);
  // What is said to people before there is a log: that nobody has a key yet.
  return complete.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/** The lines of one request; a line is written when its answer is over, which may be after it has arrived. */
async function linesOf(id: unknown): Promise<LogLine[]> {
  for (;;) {
    const found = lines().filter((line) => line.request_id === id);
    if (found.length > 0) return found;
    await new Promise((resolve) => service.process.child.stderr?.once('data', resolve));
  }
}

test('every line is a JSON object with its level, its time in ISO 8601 and its message', async () => {
  await linesOf((await service.request('/gpu/list', { key })).headers['x-request-id']);
  const text = service.process.stderr().replace(/^Nobody has an API key yet.*\n(?: {2}npx clockwork .*\n)+/m, '');
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([]);
  expect(lines().length).toBeGreaterThan(0);
  for (const line of lines()) {
    expect(line).toMatchObject({
      level: expect.stringMatching(/^(trace|debug|info|warn|error|fatal)$/) as string,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      msg: expect.any(String) as string,
    });
  }
});

test('a request has one line with its id, method, route, status and time, and its id is that of X-Request-Id', async () => {
  const answer = await service.request('/jobs/one?job_id=1', { key });
  const [line, ...more] = await linesOf(answer.headers['x-request-id']);
  expect(more).toEqual([]);
  expect(line).toMatchObject({ level: 'info', method: 'GET', route: '/api/v1/cluster/jobs/one', status: 200 });
  expect(line).toHaveProperty('ms', expect.any(Number));
});

test('two requests never have the same id', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => service.request('/health/live')));
  expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(50);
});

test('a request id that a client sends is not taken over', async () => {
  const headers = { 'X-Request-Id': 'mine', 'Request-Id': 'mine' };
  expect((await service.request('/health/live', { headers })).headers['x-request-id']).not.toBe('mine');
});

test('a refused request has its line under its instance: 400, 401, 404, 405, 413, 414, 415, 431', async () => {
  const put = { key, method: 'PUT' };
  const long = 'a'.repeat(20_000);
  const requests = [
    [400, service.request('/jobs/list?time=abc', { key })],
    [401, service.request('/jobs/list')],
    [404, service.request('/api/v1/cluster/nothing', { key })],
    [405, service.request('/jobs/list', { key, method: 'POST' })],
    [413, service.request('/jobs/user_dict_update', { ...put, json: { a: 'a'.repeat(9_000_000) } })],
    [414, service.request(`/jobs/list?a=${long}`, { key })],
    [415, service.request('/jobs/user_dict_update', { ...put, body: 'x', headers: { 'Content-Type': 'text/plain' } })],
    [431, service.request('/jobs/list', { key, headers: { 'X-Long': long } })],
  ] as const;
  for (const [status, request] of requests) {
    const answer = await request;
    expect(answer.status).toBe(status);
    expect(await linesOf((answer.body as { instance: string }).instance)).toContainEqual(
      expect.objectContaining({ status }),
    );
  }
});

test('what was no HTTP has its line under its instance too', async () => {
  const [answer] = await sendBytes(service.url, 'hello\r\n\r\n');
  expect(await linesOf(answer?.headers['x-request-id'])).toMatchObject([{ level: 'info', status: 400 }]);
});

test('an unexpected error is logged once, at level error with its stack, under the id that its 500 gives', async () => {
  const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
  try {
    await client.db().collection('numbers').insertOne({});
    await client.db().dropCollection('gpu');
    const pipeline = [{ $set: { x: { $divide: [1, { $strLenCP: '' }] } } }];
    await client.db().createCollection('gpu', { viewOn: 'numbers', pipeline });
    const answer = await service.request(`/gpu/one?gpu_name=${SECRET.query}`, { key });
    expect(answer.status).toBe(500);
    await client.db().dropCollection('gpu');
    const errors = (await linesOf(answer.headers['x-request-id'])).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([{ err: { stack: expect.stringMatching(/\n +at /) as string } }]);
  } finally {
    await client.close();
  }
});

test('what a client does wrong is never at level error', async () => {
  const errors = () => lines().filter(({ level }) => level === 'error').length;
  const before = errors();
  for (const path of ['/jobs/list?time=x', '/jobs/%zz', '/docs/..', '/docs/%00', '/nothing'])
    await service.request(path, { key });
  for (const type of ['nonsense', 'text/plain']) {
    const options = { key, method: 'PUT', body: 'x', headers: { 'Content-Type': type } };
    await service.request('/jobs/user_dict_update', options);
  }
  await linesOf((await service.request('/health/live')).headers['x-request-id']);
  expect(errors()).toBe(before);
});

test('nothing of a key, a header, a query string, a path or a body is ever in the log, not even at level trace', async () => {
  const secretHeaders = { 'X-Secret': SECRET.header, Cookie: `session=${SECRET.header}` };
  const wrongKeys = [SECRET.authorization, `${key}x`, `${key.slice(0, 20)}${'A'.repeat(43)}`];
  const json = { job_id: '1', update_pairs: { [SECRET.body]: SECRET.body } };
  const paths = [
    `/jobs/list?user=${SECRET.query}&${SECRET.name}=1`,
    `/jobs/list?time=${SECRET.query}`,
    `/jobs/one?job_id=1&job_id=${SECRET.query}`,
    `/jobs/list?user[${SECRET.name}]=1`,
    `/jobs/list?user=%zz${SECRET.query}`,
    `/nodes/one?name=${SECRET.query}`,
    `/gpu/one?gpu_name=${SECRET.query}`,
    `/api/v1/cluster/${SECRET.path}?${SECRET.query}`,
    `/${SECRET.path}`,
    `/docs/${SECRET.path}`,
    `/docs/../${SECRET.path}`,
    `/health/ready?${SECRET.query}`,
    `/jobs/%zz${SECRET.path}`,
  ];
  const ids: unknown[] = [];
  const note = async (answer: Promise<{ headers: Record<string, unknown> }>) =>
    ids.push((await answer).headers['x-request-id']);
  for (const path of paths) {
    await note(service.request(path, { key, headers: secretHeaders }));
    for (const wrong of wrongKeys) await note(service.request(path, { key: wrong, headers: secretHeaders }));
    await note(service.request(path, { headers: { Authorization: `Basic ${btoa(`ada@mila.quebec:${key}`)}` } }));
  }
  const put = { key, method: 'PUT', headers: secretHeaders };
  await note(service.request('/jobs/user_dict_update', { ...put, json }));
  await note(service.request('/jobs/user_dict_update', { ...put, json: { ...json, job_id: SECRET.body } }));
  await note(service.request('/jobs/user_dict_update', { ...put, form: { job_id: '1', update_pairs: SECRET.body } }));
  for (const type of ['application/json', 'text/plain', SECRET.header]) {
    const headers = { 'Content-Type': type, ...secretHeaders };
    await note(service.request('/jobs/user_dict_update', { ...put, headers, body: SECRET.body }));
  }
  const long = SECRET.header.repeat(1_000);
  await note(service.request('/gpu/list', { key, headers: { 'X-Long': long } }));
  await note(service.request(`/gpu/list?${SECRET.query.repeat(1_000)}`, { key }));
  for (const bytes of [
    `${SECRET.body} / HTTP/1.1\r\nAuthorization: Bearer ${key}\r\n\r\n`,
    `GET /${SECRET.path}\u0000 HTTP/1.1\r\nAuthorization: Bearer ${key}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: host\r\nAuthorization: Bearer ${key}\r\n${SECRET.header}\r\n\r\n`,
    `CONNECT ${SECRET.path}:80 HTTP/1.1\r\nHost: ${SECRET.header}\r\nAuthorization: Bearer ${key}\r\n\r\n`,
  ]) {
    ids.push((await sendBytes(service.url, bytes))[0]?.headers['x-request-id']);
  }
  for (const id of ids) expect(await linesOf(id)).not.toEqual([]);
  const log = service.process.stderr();
  for (const secret of Object.values(SECRET)) expect(log).not.toContain(secret);
  const [, id = 'none', keySecret = 'none'] = key.split(/_([0-9a-f]{16})_/);
  expect([id.length, keySecret.length]).toEqual([16, 43]);
  expect(log).not.toContain(keySecret);
  expect(log).not.toContain(btoa(`ada@mila.quebec:${key}`));
  expect(log).not.toMatch(/Bearer |Basic /);
});

describe('LOG_FORMAT and LOG_LEVEL', () => {
  test('pretty is for people, on stderr as well', async () => {
    const pretty = await startService({ LOG_FORMAT: 'pretty' });
    const id = String((await pretty.request('/health/live')).headers['x-request-id']);
    await pretty.stop();
    const line = pretty.process.stderr();
    expect(line).toContain(id);
    expect(line).toMatch(/INFO.*request/);
    expect(line).not.toMatch(/^\{"/m);
    expect(pretty.process.stdout()).toMatch(/^Clockwork answers at \S+\n$/);
  });

  test('where nothing is set and stderr is no terminal, it is JSON', async () => {
    const plain = await startService({ LOG_FORMAT: '' });
    await plain.request('/health/live');
    await plain.stop();
    expect(plain.process.stderr()).toMatch(/^\{"level":"info".*"route":"\/health\/live".*\}$/m);
  });

  test('a level leaves out the lines below it', async () => {
    const quiet = await startService({ LOG_LEVEL: 'warn' });
    await quiet.request('/jobs/list?time=abc');
    await quiet.stop();
    expect(quiet.process.stderr()).not.toMatch(/^\{/m);
  });
});
