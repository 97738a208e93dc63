import { exchange } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { expectProblem } from '../support/problem-details.js';

const ROUTE = '/gpu/one?gpu_name=x';
const UNKNOWN_KEY = `cw_${'0'.repeat(16)}_${'A'.repeat(43)}`;

let service: ClockworkService;
let ada: string;
let bob: string;
const started: ApiProcess[] = [];

beforeAll(async () => {
  service = await startService();
  ada = await service.keyOf('ada@example.org');
  bob = await service.keyOf('bob@example.org');
});

afterEach(() => Promise.all(started.splice(0).map((api) => api.stop())));
afterAll(() => service.stop());

/** Another process on the same data, with limits of its own. */
async function limited(environment: NodeJS.ProcessEnv): Promise<string> {
  const api = await startApi({ ...service.environment, ...environment });
  started.push(api);
  return api.url;
}

const ask = (url: string, key?: string, headers: Record<string, string> = {}) =>
  exchange(url, BASE + ROUTE, { ...(key === undefined ? {} : { key }), headers });

/** The different statuses of 2 000 requests, 50 of them at a time. */
async function statusesOfMany(send: () => Promise<{ status: number }>): Promise<number[]> {
  const all = await Promise.all(Array.from({ length: 50 }, () => statuses(40, send)));
  return [...new Set(all.flat())];
}

/** The statuses of so many requests, one after another. */
async function statuses(count: number, send: () => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at += 1) all.push((await send()).status);
  return all;
}

describe('CLOCKWORK_KEY_RATE', () => {
  test('is told with each answer, and refuses with 429 what goes beyond, for that key alone', async () => {
    const url = await limited({ CLOCKWORK_KEY_RATE: '3' });
    const first = await ask(url, ada);
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"key";q=3;w=60', ratelimit: '"key";r=2;t=20' });
    expect(await statuses(2, () => ask(url, ada))).toEqual([200, 200]);
    const refused = await ask(url, ada);
    expectProblem(refused, 429, /^This key has made more than 3 requests in a minute\. Try again after/);
    expect(refused.headers).toMatchObject({
      'ratelimit-policy': '"key";q=3;w=60',
      ratelimit: expect.stringMatching(/^"key";r=0;t=(59|60)$/) as string,
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(15);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(20);
    expect((await ask(url, bob)).status).toBe(200);
  });

  test('cannot be used up by somebody who names the key without its secret', async () => {
    const url = await limited({ CLOCKWORK_KEY_RATE: '3' });
    const forged = `${ada.slice(0, 20)}${'A'.repeat(43)}`;
    expect(await statuses(10, () => ask(url, forged))).toEqual(Array(10).fill(401));
    expect((await ask(url, ada)).headers['ratelimit']).toBe('"key";r=2;t=20');
  });

  test('counts refusals of a route as well as answers, and gives back what has passed', async () => {
    const url = await limited({ CLOCKWORK_KEY_RATE: '60' });
    const wrong = () => exchange(url, `${BASE}/jobs/one`, { key: ada });
    expect(await statuses(60, wrong)).toEqual(Array(60).fill(400));
    const refused = await ask(url, ada);
    expect(refused.status).toBe(429);
    await new Promise((resolve) => setTimeout(resolve, Number(refused.headers['retry-after']) * 1_000));
    expect((await ask(url, ada)).status).toBe(200);
  });

  test('is off at 0', async () => {
    const url = await limited({ CLOCKWORK_KEY_RATE: '0' });
    const answer = await ask(url, ada);
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('ratelimit');
  });
});

describe('CLOCKWORK_ADDRESS_RATE', () => {
  test('refuses an address before it looks at a key, but for /health', async () => {
    const url = await limited({ CLOCKWORK_ADDRESS_RATE: '2' });
    expect(await statuses(2, () => ask(url, ada))).toEqual([200, 200]);
    for (const answer of [await ask(url, ada), await ask(url), await exchange(url, '/openapi.json', {})]) {
      expectProblem(answer, 429, /^Your address has sent more than 2 requests in a minute\./);
      expect(answer.headers).toMatchObject({ 'ratelimit-policy': '"address";q=2;w=60' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await exchange(url, '/health/live', {})).status).toBe(200);
  });

  test('goes by the address that a trusted proxy names, an IPv6 client by its /64', async () => {
    const url = await limited({ CLOCKWORK_ADDRESS_RATE: '1', TRUST_PROXY: '127.0.0.1' });
    const from = (address: string) => ask(url, ada, { 'X-Forwarded-For': address });
    expect(await statuses(2, () => from('192.0.2.1'))).toEqual([200, 429]);
    // Its client may write what it likes in front of what the proxy adds.
    expect((await from('192.0.2.99, 192.0.2.1')).status).toBe(429);
    expect((await from('192.0.2.2')).status).toBe(200);
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
    expect((await from('2001:db8:0:1:ffff::2')).status).toBe(429);
    expect((await from('2001:db8:0:2::1')).status).toBe(200);
  });

  test('believes nobody that TRUST_PROXY does not name', async () => {
    const url = await limited({ CLOCKWORK_ADDRESS_RATE: '1', TRUST_PROXY: '127.0.0.9' });
    const from = (address: string) => ask(url, ada, { 'X-Forwarded-For': address });
    expect((await from('192.0.2.1')).status).toBe(200);
    expect((await from('192.0.2.2')).status).toBe(429);
  });

  test('goes by as many proxies as TRUST_PROXY says', async () => {
    const url = await limited({ CLOCKWORK_ADDRESS_RATE: '1', TRUST_PROXY: '2' });
    const from = (addresses: string) => ask(url, ada, { 'X-Forwarded-For': addresses });
    expect((await from('203.0.113.5, 192.0.2.1, 10.0.0.1')).status).toBe(200);
    expect((await from('203.0.113.6, 192.0.2.1, 10.0.0.1')).status).toBe(429);
    expect((await from('203.0.113.5, 192.0.2.2, 10.0.0.1')).status).toBe(200);
  });
});

describe('CLOCKWORK_FAILED_KEY_RATE', () => {
  test('answers 401 up to it and 429 beyond, whatever is wrong with the key', async () => {
    const url = await limited({ CLOCKWORK_FAILED_KEY_RATE: '4' });
    const forged = `${ada.slice(0, 20)}${'A'.repeat(43)}`;
    const wrong = [undefined, 'nonsense', UNKNOWN_KEY, forged];
    for (const key of wrong) expectProblem(await ask(url, key), 401, /valid API key/);
    const details = new Set<string>();
    for (const key of wrong) {
      const refused = await ask(url, key);
      expectProblem(refused, 429, /^Your address has sent more than 4 requests without a valid API key in a minute/);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      details.add((refused.body as { detail: string }).detail);
    }
    expect(details.size).toBe(1);
  });

  test('keeps no valid key out, one that this process has never seen neither', async () => {
    const url = await limited({ CLOCKWORK_FAILED_KEY_RATE: '1' });
    await ask(url, ada);
    const flood = Promise.all(Array.from({ length: 300 }, () => ask(url, UNKNOWN_KEY)));
    expect(await statuses(20, () => ask(url, ada))).toEqual(Array(20).fill(200));
    expect((await ask(url, bob)).status).toBe(200);
    const refused = (await flood).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(295);
    expect((await ask(url, await service.keyOf('eve@example.org'))).status).toBe(200);
  });
});

test('with the limits as they are, a burst of wrong keys and of bad requests gets what the contract says', async () => {
  expect(await statusesOfMany(() => ask(service.url, UNKNOWN_KEY))).toEqual([401]);
  expect(await statusesOfMany(() => exchange(service.url, `${BASE}/jobs/list?time=x`, { key: ada }))).toEqual([400]);
});
