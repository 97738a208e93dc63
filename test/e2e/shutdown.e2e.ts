import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE, exchange } from '../support/api-client.js';
import { API, type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { EmbeddedClient, mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import { longList } from '../support/long-list.js';
import { OpenAnswer } from '../support/open-answer.js';
import { watchProcess } from '../support/process-output.js';

/** More than what sockets and buffers between the database and a reader who has stopped can hold. */
const LONG = 14_000;
const ENDED_WELL = { code: 0, signal: null };

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: longList(LONG) });
}, 60_000);

afterAll(() => service.stop());

/** Another API on the same database, told to stop. @returns how long it took to end */
async function stopped({ process: { child, ended } }: ApiProcess): Promise<number> {
  const toldAt = performance.now();
  child.kill('SIGTERM');
  expect(await ended).toEqual(ENDED_WELL);
  return performance.now() - toldAt;
}

describe('told to stop', () => {
  it('with CLOCKWORK_DRAIN it says at once that it is not ready, answers on, and takes no connection afterwards', async () => {
    const api = await startApi({ ...service.environment, CLOCKWORK_DRAIN: '6s' });
    const count = () => exchange(api.url, `${BASE}/jobs/count`, { key });
    expect((await count()).headers.connection).toBe('keep-alive');
    expect((await exchange(api.url, '/health/ready', {})).status).toBe(200);
    const toldAt = performance.now();
    const ended = stopped(api);
    await eventually(async () => {
      const ready = await exchange(api.url, '/health/ready', {});
      expect(ready).toMatchObject({ status: 503, body: { status: 'no' } });
      expect(ready.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
    }, 3_000);
    while (performance.now() - toldAt < 4_000) {
      const answer = await count();
      expect(answer).toMatchObject({ status: 200, body: { count: LONG } });
      expect(answer.headers.connection).toBe('close');
      expect(await exchange(api.url, '/health/live', {})).toMatchObject({ status: 200 });
    }
    expect(await ended).toBeGreaterThan(6_000);
    await expect(count()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }, 60_000);

  it('without it, a list that is being read is sent to its end, and then it ends', async () => {
    const api = await startApi({ ...service.environment, CLOCKWORK_CLOSING: '1m' });
    const list = await OpenAnswer.begin(api.url, { path: '/jobs/list', key, headers: { Connection: 'keep-alive' } });
    const ended = stopped(api);
    await eventually(async () => {
      await expect(exchange(api.url, '/health/live', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });
    const { bytes, whole } = await list.rest();
    expect(whole).toBe(true);
    expect(JSON.parse(bytes.toString())).toHaveLength(LONG);
    // A connection that its client keeps open is no reason to wait.
    expect(await ended).toBeLessThan(20_000);
  }, 60_000);

  it('a reader that has stopped holds it no longer than CLOCKWORK_CLOSING', async () => {
    const api = await startApi({ ...service.environment, CLOCKWORK_CLOSING: '2s' });
    const list = await OpenAnswer.begin(api.url, { path: '/jobs/list', key });
    const took = await stopped(api);
    expect(took).toBeGreaterThan(1_900);
    expect(took).toBeLessThan(12_000);
    expect((await list.rest()).whole).toBe(false);
  }, 60_000);
});

describe('told to stop while mongod is suspended', () => {
  let scratch: string;
  let dataDir: string;

  beforeEach(async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-shutdown-')));
    dataDir = join(scratch, 'data');
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  // Before the first look at it, and when it is known to be out of reach.
  it.each([0, 4_000])(
    'for %d ms, the embedded one: it ends cleanly within seconds, and mongod with it',
    async (ms) => {
      const api = await startApi({ ...service.environment, MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
      process.kill(await mongodOn(dataDir), 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, ms));
      expect(await stopped(api)).toBeLessThan(12_000);
      await nothingRunsOn(dataDir, 1_000);
      // What was there is there, without a recovery that takes long.
      const again = await startApi({ ...service.environment, MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
      expect(await exchange(again.url, '/health/ready', {})).toMatchObject({ status: 200 });
      await stopped(again);
    },
    60_000,
  );

  it("somebody else's: it ends within seconds, exit 0", async () => {
    const other = await EmbeddedClient.start(dataDir);
    const { uri } = await other.holding();
    const api = await startApi({ ...service.environment, MONGODB_URI: uri.replace('/?', '/lab?') });
    const mongod = await mongodOn(dataDir);
    process.kill(mongod, 'SIGSTOP');
    try {
      const waiting = exchange(api.url, `${BASE}/jobs/count`, { key });
      expect(await stopped(api)).toBeLessThan(12_000);
      expect((await waiting).status).toBe(503);
    } finally {
      process.kill(mongod, 'SIGCONT');
      await other.release();
    }
  }, 60_000);
});

describe('CLOCKWORK_DATABASE_WAIT', () => {
  it('is how long an external database is waited for, and the waiting is told', async () => {
    const begun = performance.now();
    const refused = watchProcess(process.execPath, [API], {
      env: { ...service.environment, MONGODB_URI: 'mongodb://127.0.0.1:9/lab', CLOCKWORK_DATABASE_WAIT: '1s' },
    });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(refused.stderr()).toMatch(/^The database of MONGODB_URI cannot be used: .*ECONNREFUSED.*Check /m);
  }, 60_000);
});
