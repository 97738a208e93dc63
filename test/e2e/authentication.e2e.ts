import { METHODS } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';
import { sendBytes } from '../support/raw-http.js';

const ROUTES = [
  '/jobs/list',
  '/jobs/count',
  '/jobs/one?job_id=1',
  '/nodes/list',
  '/nodes/one?name=cn-a001',
  '/nodes/one/gpu?name=cn-a001',
  '/gpu/list',
  '/gpu/one?gpu_name=v100',
];
const BASES = ['/api/v1/cluster', '/api/v1/clusters'];
const EMAIL = 'ada@mila.quebec';

let service: ClockworkService;
let key: string;
let othersKey: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf(EMAIL);
  othersKey = await service.keyOf('bob@mila.quebec');
});

afterAll(() => service.stop());

function withAuthorization(...values: string[]): Promise<ApiAnswer> {
  return service.request('/gpu/list', { headers: { Authorization: values } });
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function expectRefused(answer: ApiAnswer | undefined): void {
  expectProblem(answer, 401, /valid API key/);
  expect(answer?.headers['www-authenticate']).toBe('Bearer realm="clockwork"');
}

describe('a valid credential', () => {
  test('is "Authorization: Bearer KEY"', async () => {
    expect((await withAuthorization(`Bearer ${key}`)).status).toBe(200);
  });

  test('is "Authorization: Basic base64(EMAIL:KEY)"', async () => {
    expect((await withAuthorization(basic(`${EMAIL}:${key}`))).status).toBe(200);
  });

  test.each(['bearer', 'BEARER', 'bEaReR'])('has a scheme in any case: %s', async (scheme) => {
    expect((await withAuthorization(`${scheme} ${key}`)).status).toBe(200);
  });

  test.each(['basic', 'BASIC'])('has a scheme in any case: %s', async (scheme) => {
    expect((await withAuthorization(basic(`${EMAIL}:${key}`).replace('Basic', scheme))).status).toBe(200);
  });

  test('compares the e-mail address of Basic in lower case', async () => {
    expect((await withAuthorization(basic(`Ada@MILA.quebec:${key}`))).status).toBe(200);
  });

  test('is each of the keys of a user who has several', async () => {
    const second = await service.keyOf(EMAIL);
    expect(second).not.toBe(key);
    expect((await withAuthorization(`Bearer ${second}`)).status).toBe(200);
    expect((await withAuthorization(`Bearer ${key}`)).status).toBe(200);
  });

  test.each(BASES)('opens every route under %s', async (base) => {
    for (const route of ROUTES) expect((await service.request(base + route, { key })).status).toBe(200);
    const update = `${base}/jobs/user_dict_update?job_id=1&update_pairs={}`;
    expect((await service.request(update, { key, method: 'PUT' })).status).toBe(404);
  });
});

describe('401 for', () => {
  test.each(BASES)('every route under %s without a credential, GPU routes included', async (base) => {
    for (const route of ROUTES) expectRefused(await service.request(base + route));
    expectRefused(await service.request(`${base}/jobs/user_dict_update?job_id=1`, { method: 'PUT' }));
  });

  test.each<[string, () => string]>([
    ['an empty header', () => ''],
    ['a scheme alone', () => 'Bearer'],
    ['a key alone', () => key],
    ['another scheme', () => `Token ${key}`],
    ['Digest', () => `Digest username="${EMAIL}", response="${key}"`],
    ['a key in quotes', () => `Bearer "${key}"`],
    ['two keys', () => `Bearer ${key} ${key}`],
    ['two credentials in a list', () => `Bearer ${key}, Bearer ${key}`],
    ['a tab after the scheme', () => `Bearer\t${key}`],
    ['a key that is cut', () => `Bearer ${key.slice(0, -1)}`],
    ['a key that goes on', () => `Bearer ${key}A`],
    ['a key without its secret', () => `Bearer ${key.slice(0, 20)}`],
    ['a key in another case', () => `Bearer ${key.toUpperCase()}`],
    ["a key with another's secret", () => `Bearer ${key.slice(0, 20)}${othersKey.slice(20)}`],
    ['a key that nobody has', () => `Bearer cw_${'0'.repeat(16)}_${'A'.repeat(43)}`],
    ['text that is no key', () => 'Bearer secret'],
    ['a header of 15 KiB', () => `Bearer ${'A'.repeat(15 * 1024)}`],
    ['Basic with the key alone, not encoded', () => `Basic ${key}`],
    ['Basic that is no base64', () => 'Basic !!!'],
    ['Basic without a colon', () => basic(key)],
    ['Basic without an address', () => basic(`:${key}`)],
    ['Basic without a key', () => basic(`${EMAIL}:`)],
    ["Basic with another's address", () => basic(`bob@mila.quebec:${key}`)],
    ['Basic with an unknown address', () => basic(`nobody@mila.quebec:${key}`)],
    ['Basic with the two swapped', () => basic(`${key}:${EMAIL}`)],
  ])('%s', async (_, authorization) => {
    expectRefused(await withAuthorization(authorization()));
  });

  test('the header given twice, even where both are valid', async () => {
    expectRefused(await withAuthorization(`Bearer ${key}`, `Bearer ${key}`));
    expectRefused(await withAuthorization(`Bearer ${key}`, 'Bearer wrong'));
  });

  test('a key in the query string, in a cookie or in another header', async () => {
    expectRefused(await service.request(`/gpu/list?access_token=${key}&authorization=Bearer+${key}`));
    expectRefused(
      await service.request('/gpu/list', { headers: { Cookie: `authorization=${key}`, 'X-Api-Key': key } }),
    );
  });

  test("a disabled user's keys, until the user is enabled again", async () => {
    const email = 'carol@mila.quebec';
    const carols = await service.keyOf(email);
    expect((await withAuthorization(`Bearer ${carols}`)).status).toBe(200);
    await service.cli(['users', 'disable', email]);
    expectRefused(await withAuthorization(`Bearer ${carols}`));
    expectRefused(await withAuthorization(basic(`${email}:${carols}`)));
    await service.cli(['users', 'enable', email]);
    expect((await withAuthorization(`Bearer ${carols}`)).status).toBe(200);
  });

  test("a revoked key, and no other of its owner's", async () => {
    const revoked = await service.keyOf(EMAIL);
    expect((await withAuthorization(`Bearer ${revoked}`)).status).toBe(200);
    const { code } = await service.cli(['keys', 'revoke', revoked.split('_')[1] ?? '']);
    expect(code).toBe(0);
    expectRefused(await withAuthorization(`Bearer ${revoked}`));
    expect((await withAuthorization(`Bearer ${key}`)).status).toBe(200);
  });

  test('an expired key', async () => {
    const { stdout } = await service.cli(['keys', 'create', EMAIL, '--expires', '5s']);
    const deadline = Date.now() + 5_000;
    let answer = await withAuthorization(`Bearer ${stdout.trim()}`);
    expect(answer.status).toBe(200);
    while (answer.status === 200 && Date.now() < deadline + 1_000) {
      await sleep(50);
      answer = await withAuthorization(`Bearer ${stdout.trim()}`);
    }
    expectRefused(answer);
  });
});

describe('without a valid key nothing under the base path is told: 401 for', () => {
  const paths = [
    '',
    '/',
    '/nothing',
    '/jobs',
    '/jobs/list/',
    '/jobs/nothing',
    '/nodes/one/gpu/more',
    '/*',
    '//',
    '/..',
  ];

  test.each(BASES)('an unknown route under %s, the same as a known one', async (base) => {
    for (const path of paths) expectRefused(await service.request(base + path));
  });

  test.each(BASES)('every method that HTTP knows, on a route under %s', async (base) => {
    for (const method of METHODS.filter((name) => name !== 'CONNECT' && name !== 'HEAD')) {
      expectRefused(await service.request(`${base}/jobs/list`, { method }));
    }
  });

  test('HEAD, without the body', async () => {
    const answer = await service.request('/jobs/list', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 401, text: '' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="clockwork"');
  });

  test('a path that cannot be decoded', async () => {
    for (const path of ['/jobs/%zz', '/jobs/%ff', '/%', '/jobs/list%c3']) {
      for (const base of BASES) expectRefused(await service.request(base + path));
    }
  });

  test('a path whose letters are percent-encoded, or with an origin before it', async () => {
    expectRefused(await service.request('/api/v1/%63luster/jobs/list'));
    for (const base of BASES) {
      const [answer] = await sendBytes(service.url, `GET http://host${base}/jobs/list HTTP/1.1\r\nHost: host\r\n\r\n`);
      expectRefused(answer);
    }
  });

  test('parameters that are wrong', async () => {
    expectRefused(await service.request('/jobs/list?time=abc&user=a&user=b&cluster_name='));
    expectRefused(await service.request('/jobs/list?user=%zz'));
  });

  test('a broken body, whatever its Content-Type', async () => {
    for (const type of ['application/json', 'text/plain', 'nonsense', 'a/b; charset="']) {
      const options = { method: 'PUT', body: '{"job_id":', headers: { 'Content-Type': type } };
      expectRefused(await service.request('/jobs/user_dict_update', options));
      expectRefused(await service.request('/jobs/list', { ...options, method: 'POST' }));
    }
  });

  test('a body of 1 GiB, answered before it is read', async () => {
    const head = 'PUT /api/v1/cluster/jobs/user_dict_update HTTP/1.1\r\nHost: host\r\n';
    const [answer] = await sendBytes(service.url, `${head}Content-Length: 1073741824\r\n\r\n{"job_id"`);
    expectRefused(answer);
  });
});

describe('every refusal', () => {
  const refusals: Record<string, () => Promise<ApiAnswer>> = {
    'no header': () => service.request('/gpu/list'),
    'a malformed header': () => withAuthorization('Bearer'),
    'a key that nobody has': () => withAuthorization(`Bearer cw_${'0'.repeat(16)}_${'A'.repeat(43)}`),
    'a wrong secret': () => withAuthorization(`Bearer ${key.slice(0, 20)}${'A'.repeat(43)}`),
    'a wrong owner': () => withAuthorization(basic(`bob@mila.quebec:${key}`)),
    'an unknown route': () => service.request('/api/v1/cluster/nothing'),
    'a wrong method': () => service.request('/gpu/list', { method: 'DELETE' }),
  };

  test('has the same body but for its instance, and the same headers', async () => {
    const answers = await Promise.all(Object.values(refusals).map((refuse) => refuse()));
    const told = answers.map(({ body, headers }) => ({
      body: { ...(body as object), instance: '' },
      headers: { ...headers, 'x-request-id': '', date: '' },
    }));
    for (const each of told) expect(each).toEqual(told[0]);
    expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(answers.length);
  });

  test('takes the same time: the medians of 60 each lie within a factor of two', async () => {
    const times = new Map<string, number[]>();
    for (let round = 0; round < 60; round += 1) {
      for (const [name, refuse] of Object.entries(refusals)) {
        const started = performance.now();
        await refuse();
        times.set(name, [...(times.get(name) ?? []), performance.now() - started]);
      }
    }
    const medians = [...times.values()].map((list) => list.sort((a, b) => a - b)[list.length / 2] ?? 0);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2);
  });
});
