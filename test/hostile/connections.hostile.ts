import { setTimeout as sleep } from 'node:timers/promises';
import { API, type ClockworkService, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { eventually } from '../support/eventually.js';
import { longList } from '../support/long-list.js';
import { watchProcess } from '../support/process-output.js';
import { mostResidentMemory, residentMemory } from '../support/resident-memory.js';
import { SHORT_VARIABLE } from './campaign.js';
import { type KeptAnswer, KeptConnection } from './support/kept-connection.js';
import { openFiles } from './support/open-files.js';

const short = process.env[SHORT_VARIABLE] !== undefined;
const MIB = 1024 ** 2;
const JOBS = 3_000;
const CONNECTIONS = short ? 300 : 2_000;
/** Of the connections: those that ask for the whole list, and those that ask again and again for a page. */
const LISTS = CONNECTIONS / 20;
const POLLERS = CONNECTIONS / 4;
const POLLS = short ? 5 : 10;
/** The list is 4.5 MB: of all that are answered at a time, only a piece each is held. */
const MOST_MIB = 800;
/** What stays open after them: the driver's connections to the database, of which it has had more meanwhile. */
const MOST_KEPT_FILES = 150;
const MOST_TURNS = 10;
const FILES = 200;
const LIMIT_MS = 10 * 60_000;

let service: ClockworkService;
let authorization: Record<string, string>;
let whole: string;
const connections: KeptConnection[] = [];

function connect(count: number, url = service.url): KeptConnection[] {
  const made = Array.from({ length: count }, () => new KeptConnection(url, authorization));
  connections.push(...made);
  return made;
}

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'warn' });
  authorization = { Authorization: `Bearer ${await service.keyOf('ada@example.org', ['--cluster-username', 'ada'])}` };
  await service.load({ jobs: longList(JOBS) });
  const [first] = connect(1);
  whole = (await first?.get(`${BASE}/jobs/list`))?.text ?? '';
  expect((JSON.parse(whole) as unknown[]).length).toBe(JOBS);
}, 120_000);

afterEach(() => {
  for (const connection of connections.splice(0)) connection.leave();
});

afterAll(() => service.stop());

async function statusOf(watcher: KeptConnection | undefined): Promise<string> {
  try {
    return String((await watcher?.get('/health/ready'))?.status);
  } catch (error) {
    return String(error);
  }
}

/** Asks whether the service is ready until it is told to stop. @returns what it said */
function watchReadiness(): { stop(): Promise<Record<string, number>> } {
  const [watcher] = connect(1);
  const said: Record<string, number> = {};
  const stopped = new AbortController();
  const watched = (async () => {
    while (!stopped.signal.aborted) {
      const status = await statusOf(watcher);
      said[status] = (said[status] ?? 0) + 1;
      await sleep(100);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await watched;
      return said;
    },
  };
}

let postponed = 0;

/** Asks again as the answer says where the database was out of reach, which a machine without time for it is told as. */
async function patientGet(connection: KeptConnection, path: string, headers = {}): Promise<KeptAnswer> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const answer = await connection.get(path, headers);
    if (answer.status !== 503) return answer;
    postponed += 1;
    await sleep(Number(answer.headers['retry-after']) * 1_000);
  }
  throw new Error(`${path}: 503, ${MOST_TURNS} times`);
}

async function poll(connection: KeptConnection): Promise<void> {
  let tag = '"none"';
  for (let turn = 0; turn < POLLS; turn += 1) {
    const { status, headers, text } = await patientGet(connection, `${BASE}/jobs/list?limit=10`, {
      'If-None-Match': tag,
    });
    if (turn === 0 || status === 200) expect([status, (JSON.parse(text) as unknown[]).length]).toEqual([200, 10]);
    else expect(status).toBe(304);
    tag = headers.etag ?? tag;
  }
}

describe(`${CONNECTIONS} connections at once`, () => {
  it(
    'are all answered right, in bounded memory, by a service that is ready all the time',
    async () => {
      const pid = service.process.child.pid ?? 0;
      const [memoryBefore, filesBefore] = [await residentMemory(pid), await openFiles(pid)];
      const readiness = watchReadiness();
      const all = connect(CONNECTIONS);
      const begun = performance.now();
      const counts = await Promise.all(all.map((connection) => patientGet(connection, `${BASE}/jobs/count`)));
      expect(new Set(counts.map(({ status, text }) => `${status} ${text}`))).toEqual(
        new Set([`200 {"count":${JOBS}}`]),
      );
      const countedIn = performance.now() - begun;
      const files = await openFiles(pid);
      expect(files - filesBefore).toBeGreaterThanOrEqual(CONNECTIONS);
      // The others keep their connections, idle.
      await Promise.all([
        ...all.slice(0, LISTS).map(async (connection) => {
          const { status, text } = await patientGet(connection, `${BASE}/jobs/list`);
          expect([status, text === whole]).toEqual([200, true]);
        }),
        ...all.slice(LISTS, LISTS + POLLERS).map(poll),
      ]);
      const most = await mostResidentMemory(pid);
      expect(Object.keys(await readiness.stop())).toEqual(['200']);
      for (const connection of connections.splice(0)) connection.leave();
      await eventually(async () => {
        expect((await openFiles(pid)) - filesBefore).toBeLessThan(MOST_KEPT_FILES);
      }, 20_000);
      process.stderr.write(
        `${CONNECTIONS} connections: ${(memoryBefore / MIB).toFixed(0)} MiB before, at most ${(most / MIB).toFixed(0)} MiB; ` +
          `${files} files open, ${filesBefore} before; ${CONNECTIONS} counts at once in ${(countedIn / 1000).toFixed(1)} s; ${postponed} answers were 503\n`,
      );
      expect(most).toBeLessThan(MOST_MIB * MIB);
    },
    LIMIT_MS,
  );

  it(
    `do not end a service that may have ${FILES} files: it answers those it has, and others once there is room`,
    async () => {
      const watched = watchProcess('sh', ['-c', `ulimit -n ${FILES} && exec "$0" "$1"`, process.execPath, API], {
        env: service.environment,
      });
      const [, url = ''] = await watched.printed(/answers at (\S+)/);
      try {
        const [known] = connect(1, url);
        expect((await known?.get(`${BASE}/jobs/count`))?.status).toBe(200);
        const outcomes = await Promise.allSettled(
          connect(2 * FILES, url).map((connection) => connection.get(`${BASE}/jobs/count`)),
        );
        const statuses = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.status : 0));
        // 0: the kernel or the service closed it. 503: the service had no file left to ask the database with.
        expect(statuses.filter((status) => ![0, 200, 503].includes(status))).toEqual([]);
        expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
        const told = (status: number) => statuses.filter((one) => one === status).length;
        process.stderr.write(
          `${FILES} files, ${2 * FILES} connections: ${told(200)} answered, ${told(503)} told 503, ${told(0)} closed\n`,
        );
        expect(watched.child.exitCode).toBeNull();
        for (const connection of connections.splice(0)) connection.leave();
        await eventually(async () => {
          const [again] = connect(1, url);
          expect((await again?.get(`${BASE}/jobs/count`))?.text).toBe(`{"count":${JOBS}}`);
        }, 30_000);
      } finally {
        watched.child.kill('SIGTERM');
        await watched.ended;
      }
    },
    LIMIT_MS,
  );
});
