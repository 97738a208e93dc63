import { MongoClient } from 'mongodb';
import { exchange } from '../support/api-client.js';
import { exchangeBytes } from '../support/byte-exchange.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { CODINGS, decoded, decodedPart } from '../support/content-codings.js';
import { BASE } from '../support/http-exchange.js';
import { NDJSON } from '../support/list-representations.js';
import { longList } from '../support/long-list.js';
import { OpenAnswer, type OpenRequest, requestText } from '../support/open-answer.js';
import { OpenCursors } from '../support/open-cursors.js';
import { residentMemory } from '../support/resident-memory.js';

const MIB = 1024 ** 2;
const JOBS = 14_000;
/** So many that what the heap does meanwhile does not count. */
const STOPPED_READERS = 30;
/** Generous: what one holds exactly is for the benchmark to say. */
const MOST_BYTES_A_READER = 8 * MIB;
/** Enough for each coding to have come out with something. */
const FIRST_BYTES = MIB / 2;
const FORMS = [undefined, ...CODINGS].map((coding) => ({ coding }));

let service: ClockworkService;
let key: string;
let database: MongoClient;
let cursors: OpenCursors;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: longList(JOBS) });
  database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  cursors = new OpenCursors(database, 'jobs');
}, 60_000);

afterAll(async () => {
  await database.close();
  await service.stop();
});

/** Changes the last job of the list, so that no list is the one that was asked for before. */
async function changeLast(pairs: object): Promise<void> {
  const json = { job_id: String(JOBS), update_pairs: pairs };
  const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
  expect(answer.status).toBe(200);
}

beforeEach(() => changeLast({ at: performance.now() }));

/** Those of a test, which leave with it however it ends. */
const readers: OpenAnswer[] = [];

async function begin(request: OpenRequest): Promise<OpenAnswer> {
  const reader = await OpenAnswer.begin(service.url, request);
  readers.push(reader);
  return reader;
}

afterEach(() => {
  for (const reader of readers.splice(0)) reader.leave();
});

function requestFor(coding: string | undefined, more: Record<string, string> = {}) {
  return {
    path: '/jobs/list',
    key,
    headers: { ...more, ...(coding === undefined ? {} : { 'Accept-Encoding': coding }) },
  };
}

describe('a reader who stops', () => {
  it.each(FORMS)('has the beginning before the list is done, coded as $coding', async ({ coding }) => {
    const open = await begin(requestFor(coding));
    await open.readAtLeast(FIRST_BYTES);
    const beginning = decodedPart(open.body.bytes, coding).toString('utf8', 0, 1_000);
    expect(beginning).toMatch(/^\[\{"slurm":\{.*"job_id":"1",/);
    await cursors.stall();
    expect(await cursors.count()).toBeGreaterThan(0);
    const { bytes, whole } = await open.rest();
    expect(whole).toBe(true);
    expect((JSON.parse(decoded(bytes, coding).toString()) as unknown[]).length).toBe(JOBS);
    await cursors.becomeAsMany(0);
  });

  it(`holds little memory of the service, as ${STOPPED_READERS} more of them show`, async () => {
    const pid = service.process.child.pid ?? 0;
    const stop = async (count: number) => {
      await Promise.all(Array.from({ length: count }, (_, at) => begin(requestFor(FORMS[at % 4]?.coding))));
      await cursors.stall();
    };
    // What the first ones take is partly what the service takes once, for any list.
    await stop(STOPPED_READERS / 3);
    const before = await residentMemory(pid);
    await stop(STOPPED_READERS);
    const growth = (await residentMemory(pid)) - before;
    expect(await cursors.count()).toBeGreaterThan(STOPPED_READERS);
    process.stderr.write(`${STOPPED_READERS} more stopped readers hold ${(growth / MIB).toFixed(1)} MiB\n`);
    expect(growth).toBeLessThan(STOPPED_READERS * MOST_BYTES_A_READER);
    for (const reader of readers) reader.leave();
    await cursors.becomeAsMany(0);
  });

  it.each(FORMS)(
    'and goes on has to the byte what others have, each time it asks, coded as $coding',
    async ({ coding }) => {
      const request = requestFor(coding);
      const whole = await exchangeBytes(service.url, request.path, request);
      // Asked for again, the list may be kept while it is sent; and then come from what was kept.
      for (let turn = 0; turn < 3; turn += 1) {
        const slow = await begin(request);
        await cursors.stall();
        // What the service does for others in between is none of this reader's business.
        const others = await exchangeBytes(service.url, `/jobs/list?cluster_name=mila,other${turn}`, { key });
        expect(others.status).toBe(200);
        const { bytes } = await slow.rest();
        expect([turn, bytes.equals(whole.bytes)]).toEqual([turn, true]);
      }
    },
  );

  it('and goes on after a job was changed has the body that others have by that tag', async () => {
    for (const headers of [{}, { Accept: NDJSON }]) {
      const whole = await exchangeBytes(service.url, '/jobs/list', { key, headers });
      const slow = await begin(requestFor(undefined, headers));
      await cursors.stall();
      const changed = `changed at ${performance.now()}`;
      await changeLast({ changed });
      const { bytes, whole: complete } = await slow.rest();
      expect(complete).toBe(true);
      // A tag that was sent before the list was read must be that of what was read.
      if (slow.head.headers['etag'] === whole.headers.etag) expect(bytes.equals(whole.bytes)).toBe(true);
      const after = await exchangeBytes(service.url, '/jobs/list', {
        key,
        headers: { ...headers, 'If-None-Match': slow.head.headers['etag'] ?? '"none"' },
      });
      expect([after.status, after.text.includes(changed)]).toEqual([200, true]);
    }
  });
});

describe('a reader who leaves', () => {
  it.each(FORMS)('in the middle of a list coded as $coding frees its cursor at once', async ({ coding }) => {
    const open = await begin(requestFor(coding));
    open.leave();
    await cursors.becomeAsMany(0);
  });

  it.each(FORMS)('after the service has waited for it, coded as $coding, frees its cursor too', async ({ coding }) => {
    const open = await begin(requestFor(coding, { Accept: NDJSON }));
    await cursors.stall();
    expect(await cursors.count()).toBeGreaterThan(0);
    open.leave();
    await cursors.becomeAsMany(0);
  });

  it('before anything came frees its cursor, however many do', async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      const open = await OpenAnswer.sent(service.url, requestText(requestFor(FORMS[turn % FORMS.length]?.coding)));
      // Some leave while the service looks at their keys, some while it asks the database.
      if (turn % 2 === 0) await exchange(service.url, '/health/live', {});
      open.leave();
    }
    // What is under way for each has to come that far first.
    await cursors.becomeAsMany(0);
  });

  it('with answers of a pipeline still to come frees the cursors of all', async () => {
    const one = requestText(requestFor(undefined)).replace('Connection: close\r\n', '');
    const open = await OpenAnswer.sent(service.url, one.repeat(4));
    await open.readAtLeast(64 * 1024);
    await cursors.stall();
    expect(await cursors.count()).toBeGreaterThan(0);
    open.leave();
    await cursors.becomeAsMany(0);
  });

  it('leaves the service as it was: it answers the next, whole', async () => {
    const { status, text } = await exchangeBytes(service.url, '/jobs/list', { key });
    expect([status, (JSON.parse(text) as unknown[]).length]).toEqual([200, JOBS]);
    expect(service.process.child.exitCode).toBeNull();
  });
});

describe('a reader who wants no body', () => {
  it.each(FORMS)('opens no cursor that stays, by HEAD or with the tag, coded as $coding', async ({ coding }) => {
    const request = requestFor(coding);
    const head = await exchangeBytes(service.url, '/jobs/list', { ...request, method: 'HEAD' });
    expect(head.status).toBe(200);
    await cursors.becomeAsMany(0);
    const headers = { ...request.headers, 'If-None-Match': head.headers.etag ?? '' };
    expect((await exchangeBytes(service.url, '/jobs/list', { key, headers })).status).toBe(304);
    await cursors.becomeAsMany(0);
  });
});
