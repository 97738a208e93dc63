import { type ApiAnswer, exchange } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { expectProblem } from '../support/problem-details.js';

const ORIGIN = 'https://dashboard.example.org';
const STRANGER = 'https://elsewhere.example.org';

let service: ClockworkService;
/** On the same data, open to pages of one origin. */
let open: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org');
  open = await startApi({
    ...service.environment,
    CLOCKWORK_CORS_ORIGINS: `${ORIGIN},http://localhost:8080`,
    TRUST_PROXY: '127.0.0.1',
  });
});

afterAll(() => Promise.all([service.stop(), open.stop()]));

const preflight = (url: string, origin: string) =>
  exchange(url, `${BASE}/jobs/list`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    },
  });

function corsHeaders({ headers }: ApiAnswer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

describe('what browsers are told', () => {
  test.each(['/jobs/list', '/nothing', '/jobs/list?time=x', '/jobs/list?limit=1'])(
    '%s is data and no page',
    async (path) => {
      for (const options of [{ key }, {}]) {
        const { headers } = await exchange(service.url, BASE + path, options);
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        });
        expect(headers).not.toHaveProperty('strict-transport-security');
      }
    },
  );

  test('a refused head too', async () => {
    const { status, headers } = await exchange(service.url, `/${'x'.repeat(17_000)}`, {});
    expect(status).toBe(414);
    expect(headers).toHaveProperty('content-security-policy');
  });

  test('/docs may run its own scripts, and whatever it loads comes from this server', async () => {
    const { headers, text } = await exchange(service.url, '/docs', {});
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    // Under this policy a script in the page itself would not run.
    const scripts = [...text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, body] of scripts) {
      expect(attributes).toMatch(/src="\.?\/?[\w./-]+"/);
      expect(body?.trim()).toBe('');
    }
    expect(text).not.toMatch(/\son[a-z]+="/);
    for (const [, source = ''] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
    }
  });

  test('to come by TLS where a trusted proxy says that they did', async () => {
    const by = (protocol: string) => exchange(open.url, '/health/live', { headers: { 'X-Forwarded-Proto': protocol } });
    expect((await by('https')).headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await by('http')).headers).not.toHaveProperty('strict-transport-security');
    const untrusted = await exchange(service.url, '/health/live', { headers: { 'X-Forwarded-Proto': 'https' } });
    expect(untrusted.headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('pages of other origins', () => {
  test('are not let in unless CLOCKWORK_CORS_ORIGINS names them', async () => {
    for (const [url, origin] of [
      [service.url, ORIGIN],
      [open.url, STRANGER],
      [open.url, 'null'],
      [open.url, `${ORIGIN}.evil.example`],
    ] as const) {
      const asked = await preflight(url, origin);
      expectProblem(asked, 401, /valid API key/);
      const answer = await exchange(url, `${BASE}/jobs/list`, { key, headers: { Origin: origin } });
      expect(answer.status).toBe(200);
      expect([...corsHeaders(asked), ...corsHeaders(answer)]).toEqual([]);
    }
  });

  test.each([ORIGIN, 'http://localhost:8080'])('%s is answered its preflight without a key', async (origin) => {
    const answer = await preflight(open.url, origin);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': expect.stringContaining('PUT') as string,
      'access-control-allow-headers': expect.stringContaining('Authorization') as string,
      vary: expect.stringContaining('Origin') as string,
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('may read the headers that matter, of refusals too', async () => {
    for (const [path, options, status] of [
      ['/jobs/list', { key }, 200],
      ['/jobs/list?time=x', { key }, 400],
      ['/jobs/list', {}, 401],
    ] as const) {
      const answer = await exchange(open.url, BASE + path, { ...options, headers: { Origin: ORIGIN } });
      expect(answer.status).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
      const exposed = (answer.headers['access-control-expose-headers'] ?? '').split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining(['Link', 'ETag', 'Clockwork-Stale', 'RateLimit', 'Retry-After', 'X-Request-Id']),
      );
    }
  });

  test('are told apart by caches, beside what else decides the form of a list', async () => {
    const { headers } = await exchange(open.url, `${BASE}/jobs/list`, { key });
    expect(headers.vary).toBe('Accept, Accept-Encoding, Origin');
    expect((await exchange(service.url, `${BASE}/jobs/list`, { key })).headers.vary).toBe('Accept, Accept-Encoding');
  });

  test('OPTIONS without a question is as any other method', async () => {
    const answer = await exchange(open.url, `${BASE}/jobs/list`, {
      method: 'OPTIONS',
      key,
      headers: { Origin: ORIGIN },
    });
    expect(answer.status).toBe(405);
  });
});

test('a key in a query string is no key, and is not logged', async () => {
  for (const name of ['key', 'api_key', 'access_token', 'token', 'authorization', 'Authorization']) {
    const answer = await exchange(open.url, `${BASE}/gpu/list?${name}=${key}`, {});
    expectProblem(answer, 401, /valid API key/);
    expect(answer.text).not.toContain(key);
  }
  expect(open.process.stderr()).not.toContain(key);
});
