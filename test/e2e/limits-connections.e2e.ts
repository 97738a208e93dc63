import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { exchange } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import { longList } from '../support/long-list.js';
import { OpenAnswer } from '../support/open-answer.js';
import { expectProblem } from '../support/problem-details.js';
import { sendBytes } from '../support/raw-http.js';

/** More than what sockets and buffers between the database and a reader who has stopped can hold. */
const JOBS = 14_000;

let service: ClockworkService;
let key: string;
const started: ApiProcess[] = [];
const sockets: Socket[] = [];
const readers: OpenAnswer[] = [];

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: longList(JOBS) });
}, 180_000);

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const reader of readers.splice(0)) reader.leave();
  await Promise.all(started.splice(0).map((api) => api.stop()));
});
afterAll(() => service.stop());

async function limited(environment: NodeJS.ProcessEnv): Promise<string> {
  const api = await startApi({ ...service.environment, ...environment });
  started.push(api);
  return api.url;
}

/** A connection that sends these bytes and then nothing. */
function opened(url: string, bytes = ''): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(bytes);
  socket.resume();
  sockets.push(socket);
  return socket;
}

async function begun(url: string, path: string, asKey = key): Promise<OpenAnswer> {
  const reader = await OpenAnswer.begin(url, { path, key: asKey });
  readers.push(reader);
  return reader;
}

/** How long a connection lasts, in milliseconds. */
async function lifetime(socket: Socket): Promise<number> {
  const from = performance.now();
  await once(socket, 'close');
  return performance.now() - from;
}

describe('CLOCKWORK_LISTS_PER_KEY', () => {
  test('refuses a key one more long list with 429, and takes it again once one has ended', async () => {
    const url = await limited({ CLOCKWORK_LISTS_PER_KEY: '2' });
    const first = await begun(url, '/jobs/list');
    await begun(url, '/jobs/list?user=ada');
    const refused = await exchange(url, `${BASE}/jobs/list`, { key });
    expectProblem(refused, 429, /^This key has 2 long lists under way/);
    expect(refused.headers['retry-after']).toBe('2');
    // Its tag is not that of a list, and what is short, paged or another key's goes on.
    expect(refused.headers).not.toHaveProperty('etag');
    for (const path of ['/jobs/list?limit=2000', '/jobs/list?user=nobody', '/jobs/count', '/gpu/list']) {
      expect([path, (await exchange(url, BASE + path, { key })).status]).toEqual([path, 200]);
    }
    const other = await service.keyOf('bob@example.org');
    await begun(url, '/jobs/list', other);
    expect((await first.rest()).whole).toBe(true);
    await eventually(async () => {
      expect((await begun(url, '/jobs/list')).head.status).toBe(200);
    });
  });

  test('counts no reader who has left', async () => {
    const url = await limited({ CLOCKWORK_LISTS_PER_KEY: '1' });
    for (let turn = 0; turn < 3; turn += 1) {
      await eventually(async () => {
        const reader = await begun(url, '/jobs/list');
        expect(reader.head.status).toBe(200);
        reader.leave();
      });
    }
  });
});

test('CLOCKWORK_IDLE_TIMEOUT cuts a reader who takes nothing, and none who goes on', async () => {
  const url = await limited({ CLOCKWORK_IDLE_TIMEOUT: '2s' });
  const stopped = await begun(url, '/jobs/list');
  const steady = await begun(url, '/jobs/list');
  let wanted = 1024 ** 2;
  for (let turn = 0; turn < 12; turn += 1) {
    await steady.readAtLeast(wanted);
    wanted += 1024 ** 2;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect((await steady.rest()).whole).toBe(true);
  const { bytes, whole } = await stopped.rest();
  expect(bytes.length).toBeGreaterThan(0);
  expect(whole).toBe(false);
}, 30_000);

describe('who sends ever so slowly', () => {
  test('is answered 408 after CLOCKWORK_HEADERS_TIMEOUT', async () => {
    const url = await limited({ CLOCKWORK_HEADERS_TIMEOUT: '1s' });
    const [answer] = await sendBytes(url, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expectProblem(answer, 408, /did not arrive in time/);
  });

  test('and with a connection that says nothing at all', async () => {
    const url = await limited({ CLOCKWORK_HEADERS_TIMEOUT: '1s' });
    expect(await lifetime(opened(url))).toBeLessThan(5_000);
  });

  test('is cut off after CLOCKWORK_REQUEST_TIMEOUT where it is the body', async () => {
    const url = await limited({ CLOCKWORK_REQUEST_TIMEOUT: '1s' });
    const head = `PUT ${BASE}/jobs/user_dict_update HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    expect(await lifetime(opened(url, `${head}{"job_id`))).toBeLessThan(5_000);
  });
});

test('CLOCKWORK_KEEP_ALIVE_TIMEOUT ends a connection between requests', async () => {
  const url = await limited({ CLOCKWORK_KEEP_ALIVE_TIMEOUT: '1s' });
  const answer = await exchange(url, '/health/live', { headers: { Connection: 'keep-alive' } });
  expect(answer.headers['keep-alive']).toBe('timeout=1');
  expect(await lifetime(opened(url, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'))).toBeLessThan(5_000);
});

describe('CLOCKWORK_CONNECTIONS', () => {
  /** Holds so many connections, each of them answered. */
  async function hold(url: string, count: number): Promise<Socket[]> {
    const held = Array.from({ length: count }, () =>
      opened(url, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    );
    await Promise.all(held.map((socket) => once(socket, 'data')));
    return held;
  }

  test.each(['CLOCKWORK_CONNECTIONS', 'CLOCKWORK_CONNECTIONS_PER_ADDRESS'])(
    '%s takes no more at a time',
    async (name) => {
      const url = await limited({ [name]: '3' });
      const [first] = await hold(url, 3);
      await expect(exchange(url, '/health/live', {})).rejects.toThrow();
      first?.destroy();
      await eventually(async () => {
        expect((await exchange(url, '/health/live', {})).status).toBe(200);
      });
    },
  );

  test('has no bound per address for a trusted proxy', async () => {
    const url = await limited({ CLOCKWORK_CONNECTIONS_PER_ADDRESS: '3', TRUST_PROXY: '127.0.0.1' });
    await hold(url, 5);
    expect((await exchange(url, '/health/live', {})).status).toBe(200);
  });
});
