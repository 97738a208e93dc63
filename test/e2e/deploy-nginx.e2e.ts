import { MongoClient } from 'mongodb';
import { BASE, exchange } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { decoded, decodedPart } from '../support/content-codings.js';
import { NDJSON } from '../support/list-representations.js';
import { longList } from '../support/long-list.js';
import { type ClosingServer, type RunningNginx, startClosingServer, startNginx } from '../support/deployed-nginx.js';
import { OpenAnswer } from '../support/open-answer.js';
import { OpenCursors } from '../support/open-cursors.js';
import { isInstalled } from '../support/programs.js';
import { mostUnderWay } from '../support/socket-buffers.js';

const DICT_BYTES = 16 * 1_024;
/** What codings leave of random base64. */
const CODED = 3 / 4;

const HAS_NGINX = isInstalled('nginx', '-v');
const describeWithNginx = HAS_NGINX ? describe : describe.skip;
const WHY = HAS_NGINX ? '' : ' (skipped: no nginx on the PATH)';

describeWithNginx(`deploy/nginx/clockwork.conf, in front of two APIs${WHY}`, () => {
  let service: ClockworkService;
  let second: ApiProcess;
  let nginx: RunningNginx;
  let key: string;
  let database: MongoClient;
  let cursors: OpenCursors;
  let jobs: number;

  beforeAll(async () => {
    service = await startService();
    second = await startApi(service.environment);
    nginx = await startNginx([service.url, second.url]);
    key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
    // More than both connections hold, coded too: nginx reads fast until its client has stopped, and by that its socket grows.
    jobs = Math.ceil((2 * (await mostUnderWay())) / (CODED * DICT_BYTES));
    await service.load({ jobs: longList(jobs, DICT_BYTES) });
    database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
    cursors = new OpenCursors(database, 'jobs');
  }, 90_000);

  afterAll(async () => {
    await nginx.stop();
    await database.close();
    await second.stop();
    await service.stop();
  });

  const FORMS = [
    { accept: 'application/json', coding: undefined },
    { accept: NDJSON, coding: undefined },
    { accept: 'application/json', coding: 'gzip' },
    { accept: NDJSON, coding: 'zstd' },
  ];

  it.each(FORMS)('a list as $accept, coded as $coding, comes through as it is', async ({ accept, coding }) => {
    const headers = { Accept: accept, ...(coding === undefined ? {} : { 'Accept-Encoding': coding }) };
    const direct = await (await OpenAnswer.begin(service.url, { path: '/jobs/list', key, headers })).rest();
    const open = await OpenAnswer.begin(nginx.url, { path: '/jobs/list', key, headers });
    const { bytes, whole } = await open.rest();
    expect(whole).toBe(true);
    expect(open.head.headers).toMatchObject({ 'content-type': accept });
    expect(open.head.headers['content-encoding']).toBe(coding);
    expect(decoded(bytes, coding).equals(decoded(direct.bytes, coding))).toBe(true);
  });

  it.each(FORMS)(
    'a list as $accept, coded as $coding, begins before its end is read, and is cut where it breaks off',
    async ({ accept, coding }) => {
      await changeSomething();
      const headers = { Accept: accept, ...(coding === undefined ? {} : { 'Accept-Encoding': coding }) };
      const open = await OpenAnswer.begin(nginx.url, { path: '/jobs/list', key, headers });
      expect(open.head.status).toBe(200);
      await cursors.stall();
      expect(await cursors.kill()).toBeGreaterThan(0);
      const { bytes, whole } = await open.rest();
      expect(whole).toBe(false);
      expect(decodedPart(bytes, coding).toString()).toMatch(/^\[?\{"slurm":/);
    },
  );

  it('what is too large is refused by the API, in its words', async () => {
    const body = `{"job_id":"1","cluster_name":"mila","update_pairs":{"text":"${'x'.repeat(8 * 1024 * 1024)}"}}`;
    const large = await exchange(nginx.url, `${BASE}/jobs/user_dict_update`, {
      method: 'PUT',
      key,
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(large).toMatchObject({ status: 413, body: { status: 413 } });
    const header = await exchange(nginx.url, `${BASE}/jobs/count`, { key, headers: { 'X-Large': 'x'.repeat(17_000) } });
    expect(header).toMatchObject({ status: 431, body: { status: 431 } });
    const line = await exchange(nginx.url, `${BASE}/jobs/count?user=${'x'.repeat(17_000)}`, { key });
    expect(line).toMatchObject({ status: 414, body: { status: 414 } });
  });

  it('no reading is lost while one of the two is stopped and started again', async () => {
    let goesOn = true;
    const statuses: number[] = [];
    const readers = Array.from({ length: 4 }, async () => {
      while (goesOn) statuses.push((await exchange(nginx.url, `${BASE}/jobs/count`, { key })).status);
    });
    const port = new URL(second.url).port;
    await second.stop();
    const whileItIsAway = statuses.length;
    second = await startApi({ ...service.environment, PORT: port });
    expect(statuses.length).toBeGreaterThan(whileItIsAway);
    goesOn = false;
    await Promise.all(readers);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  /** So that no list is the one that was asked for before. */
  async function changeSomething(): Promise<void> {
    const json = { job_id: String(jobs), cluster_name: 'mila', update_pairs: { at: performance.now() } };
    const answer = await exchange(nginx.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
    expect(answer.status).toBe(200);
  }
});

describeWithNginx(`deploy/nginx/clockwork.conf, in front of servers that do not do as they are asked${WHY}`, () => {
  const AWAY =
    'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/problem+json\r\n' +
    'Content-Length: 14\r\nConnection: close\r\n\r\n{"status":503}';

  let nginx: RunningNginx;
  let servers: ClosingServer[];

  /** nginx in front of two servers that close each connection. */
  async function startBoth(answer?: string): Promise<void> {
    const first = await startClosingServer(answer);
    const second = await startClosingServer(answer);
    servers = [first, second];
    nginx = await startNginx([first.url, second.url]);
  }

  afterEach(async () => {
    await nginx.stop();
    for (const server of servers) await server.stop();
  });

  it('a change is sent once', async () => {
    await startBoth();
    const json = { job_id: '1', cluster_name: 'mila', update_pairs: { loss: 1 } };
    const answer = await exchange(nginx.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', json });
    expect(answer.status).toBe(502);
    expect(servers.flatMap(({ requests }) => requests)).toEqual([`PUT ${BASE}/jobs/user_dict_update HTTP/1.1`]);
  });

  it('a reading is sent to the other as well', async () => {
    await startBoth();
    expect((await exchange(nginx.url, `${BASE}/jobs/count`, {})).status).toBe(502);
    expect(servers.map(({ requests }) => requests)).toEqual([
      [`GET ${BASE}/jobs/count HTTP/1.1`],
      [`GET ${BASE}/jobs/count HTTP/1.1`],
    ]);
  });

  it.each(['GET', 'PUT'])('while both answer %s with 503, everybody gets that answer', async (method) => {
    await startBoth(AWAY);
    for (let turn = 0; turn < 4; turn += 1) {
      const answer = await exchange(nginx.url, `${BASE}/jobs/count`, { method });
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { status: 503 } });
    }
  });
});
