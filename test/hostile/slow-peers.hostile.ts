import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import { longList } from '../support/long-list.js';
import { scrape, valueOf } from '../support/metrics.js';
import { requestText } from '../support/open-answer.js';
import { residentMemory } from '../support/resident-memory.js';
import { SHORT_VARIABLE } from './campaign.js';
import { KeptConnection } from './support/kept-connection.js';

const short = process.env[SHORT_VARIABLE] !== undefined;
const MIB = 1024 ** 2;
/** Of 1.5 kB each: more than the sockets between the service and a reader take. */
const JOBS = 14_000;
const PEERS = short ? 10 : 40;
const BYTES_A_SECOND = 1_024;
const BYTE_EVERY_MS = 200;
/** How long others are timed, before and meanwhile. */
const TIMED_REQUESTS = short ? 50 : 200;
/** What a noisy machine does to the median; a service that waits for its slow peers takes seconds. */
const MOST_TIMES_SLOWER = 4;
const ALLOWED_MS = 100;
const MOST_BYTES_A_PEER = 8 * MIB;
/** Instead of the five minutes that a lab has. */
const IDLE = '5s';
/** With the time that the lists take to come to a stop. */
const IDLE_CUT_MS = 60_000;
/** Headers have 60 s, a request 120 s, and Node looks every 30 s. */
const CUT_MS = 160_000;
const LIMIT_MS = 10 * 60_000;

let service: ClockworkService;
let key: string;
const peers: SlowPeer[] = [];

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'warn' });
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: longList(JOBS) });
}, 120_000);

afterEach(() => {
  for (const peer of peers.splice(0)) peer.leave();
});

afterAll(() => service.stop());

/** A peer that does a little now and then. */
class SlowPeer {
  /** What the service sent, its beginning. */
  received = '';
  /** When the service closed the connection, in milliseconds from the beginning. */
  closedAfter: number | null = null;
  private readonly begun = performance.now();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly socket: Socket,
    everyMs: number,
    act: (socket: Socket) => void,
  ) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closedAfter = performance.now() - this.begun;
      clearInterval(this.timer);
    });
    this.timer = setInterval(() => {
      act(socket);
    }, everyMs);
    peers.push(this);
  }

  /** Asks for the whole list and takes 1 KiB a second of it, or nothing. */
  static async reader(bytesASecond: number, url = service.url): Promise<SlowPeer> {
    const socket = await SlowPeer.connected(url);
    socket.pause();
    socket.write(requestText({ path: '/jobs/list', key }));
    return new SlowPeer(socket, 1_000, () => {
      if (bytesASecond > 0) socket.read(bytesASecond);
    });
  }

  /** Sends `beginning` at once and `rest` byte by byte. */
  static async writer(beginning: string, rest: string): Promise<SlowPeer> {
    const socket = await SlowPeer.connected(service.url);
    socket.write(beginning);
    let at = 0;
    const peer = new SlowPeer(socket, BYTE_EVERY_MS, () => {
      if (!socket.writable) return;
      socket.write(rest[at % rest.length] ?? ' ');
      at += 1;
    });
    socket.on('data', (bytes: Buffer) => (peer.received += bytes.toString()));
    return peer;
  }

  private static async connected(url: string): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return socket;
  }

  leave(): void {
    clearInterval(this.timer);
    this.socket.destroy();
  }
}

/** The median of what others wait for an answer, one after another. */
async function medianWait(): Promise<number> {
  const other = new KeptConnection(service.url, { Authorization: `Bearer ${key}` });
  const waits: number[] = [];
  for (let turn = 0; turn < TIMED_REQUESTS; turn += 1) {
    const begun = performance.now();
    const { status, text } = await other.get(`${BASE}/jobs/count`);
    expect([status, text]).toEqual([200, `{"count":${JOBS}}`]);
    waits.push(performance.now() - begun);
  }
  other.leave();
  waits.sort((one, another) => one - another);
  return waits[Math.floor(waits.length / 2)] ?? 0;
}

/** Others are served as before, and the peers hold little. */
async function expectHarmless(what: string, begin: () => Promise<unknown>): Promise<void> {
  const pid = service.process.child.pid ?? 0;
  await medianWait();
  const before = await medianWait();
  const memoryBefore = await residentMemory(pid);
  await begin();
  const meanwhile = await medianWait();
  const growth = (await residentMemory(pid)) - memoryBefore;
  process.stderr.write(
    `${peers.length} ${what}: others wait ${meanwhile.toFixed(1)} ms, ${before.toFixed(1)} ms before; ` +
      `${(growth / MIB).toFixed(0)} MiB more\n`,
  );
  expect(meanwhile).toBeLessThan(MOST_TIMES_SLOWER * before + ALLOWED_MS);
  expect(growth).toBeLessThan(peers.length * MOST_BYTES_A_PEER + 100 * MIB);
}

/** In time, and with an answer that says why. */
async function expectCut(): Promise<void> {
  await Promise.all(peers.map((peer) => untilClosed(peer)));
  const latest = Math.max(...peers.map(({ closedAfter }) => closedAfter ?? Infinity));
  process.stderr.write(`${peers.length} writers were cut within ${(latest / 1000).toFixed(0)} s\n`);
  for (const { received } of peers) expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
}

async function untilClosed(peer: SlowPeer): Promise<void> {
  const end = performance.now() + CUT_MS;
  while (peer.closedAfter === null && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 500));
  expect(peer.closedAfter).not.toBeNull();
}

function many(make: () => Promise<SlowPeer>): () => Promise<unknown> {
  return () => Promise.all(Array.from({ length: PEERS }, make));
}

describe('readers', () => {
  it(
    'of 1 KiB a second keep nobody waiting',
    () =>
      expectHarmless(
        'readers of 1 KiB a second',
        many(() => SlowPeer.reader(BYTES_A_SECOND)),
      ),
    LIMIT_MS,
  );

  it(
    'who have stopped keep nobody waiting',
    () =>
      expectHarmless(
        'readers who have stopped',
        many(() => SlowPeer.reader(0)),
      ),
    LIMIT_MS,
  );
});

describe(`readers who have stopped for CLOCKWORK_IDLE_TIMEOUT=${IDLE}`, () => {
  it(
    'are cut, and nothing is kept for them',
    async () => {
      const api = await startApi({ ...service.environment, CLOCKWORK_IDLE_TIMEOUT: IDLE });
      try {
        const metricsKey = await service.keyOf('root@example.org', ['--admin']);
        const seen = async () => {
          const text = await scrape(api.url, metricsKey);
          return {
            cut: valueOf(text, 'clockwork_limit_refusals_total', { limit: 'idle_connection' }),
            lists: valueOf(text, 'clockwork_list_readers'),
            cursors: valueOf(text, 'clockwork_list_cursors'),
          };
        };
        const begun = performance.now();
        await many(() => SlowPeer.reader(0, api.url))();
        await eventually(async () => {
          const { lists, cursors } = await seen();
          expect([lists, cursors]).toEqual([PEERS, PEERS]);
        }, IDLE_CUT_MS);
        await eventually(async () => {
          const { cut, lists, cursors } = await seen();
          expect(cut).toBeGreaterThanOrEqual(PEERS);
          expect([lists, cursors]).toEqual([0, 0]);
        }, IDLE_CUT_MS);
        process.stderr.write(
          `${PEERS} readers who had stopped were cut within ${((performance.now() - begun) / 1000).toFixed(1)} s\n`,
        );
      } finally {
        await api.stop();
      }
    },
    LIMIT_MS,
  );
});

describe('writers', () => {
  const head = `GET ${BASE}/jobs/count HTTP/1.1\r\nHost: localhost\r\n`;

  it(
    'of headers, a byte at a time, keep nobody waiting, and are cut',
    async () => {
      await expectHarmless(
        'writers of headers',
        many(() => SlowPeer.writer(head, 'X-Slow: a\r\n')),
      );
      if (!short) await expectCut();
    },
    LIMIT_MS,
  );

  it(
    'of a body, a byte at a time, keep nobody waiting, and are cut',
    async () => {
      const fields = {
        Host: 'localhost',
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        'Content-Length': '1000000',
      };
      const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
      const put = `PUT ${BASE}/jobs/user_dict_update HTTP/1.1\r\n${lines.join('')}\r\n`;
      await expectHarmless(
        'writers of a body',
        many(() => SlowPeer.writer(put, ' ')),
      );
      if (!short) await expectCut();
    },
    LIMIT_MS,
  );
});
