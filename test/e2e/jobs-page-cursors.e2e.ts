import { exchange } from '../support/api-client.js';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';
import { cursorIn, joinedPages, walkPages } from '../support/list-pages.js';
import { expectProblem } from '../support/problem-details.js';
import type { WatchedProcess } from '../support/process-output.js';
import { VARIED } from '../support/varied-jobs.js';

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
  await service.load({ jobs: VARIED });
});

afterAll(() => service.stop());

const get = (path: string) => service.request(path, { key });
const list = (query: string) => get(`/jobs/list?${query}`);

async function refused(query: string, detail: RegExp): Promise<void> {
  expectProblem(await list(query), 400, detail);
}

/** The cursor behind the first job that passes a filter. */
async function cursorOf(filter: string): Promise<string> {
  return cursorIn(await list(`${filter}&limit=1`));
}

function ids(text: string): string[] {
  return (JSON.parse(text) as PublicJob[]).map(({ slurm }) => `${slurm.cluster_name} ${slurm.job_id}`);
}

describe('after', () => {
  it('is 400 where it is empty, given twice or as an object', async () => {
    const cursor = await cursorOf('');
    await refused('after=', /^after: .*empty/);
    await refused(`after=${cursor}&after=${cursor}`, /^after: .*more than once/);
    await refused(`after[$ne]=${cursor}`, /^after: /);
  });

  it('is 400 where it is nothing that came from here', async () => {
    for (const value of ['x', '1', 'null', '{}', '..', 'AAAA', 'e30', 'A'.repeat(4000), '%F0%9F%98%80', '%20', '%00']) {
      await refused(`after=${value}`, /^after: /);
    }
  });

  it('needs no escaping in a query string, and is short', async () => {
    const cursor = await cursorOf('cluster_name=mila&user=ada,bob');
    expect(cursor).toMatch(/^[\w~.-]{1,500}$/);
  });

  it('is 400 where any one character of it is another', async () => {
    const cursor = await cursorOf('cluster_name=mila');
    for (let at = 0; at < cursor.length; at += 1) {
      const own = cursor.charAt(at);
      // Its neighbour: of the last character in base64 these may differ in bits that hold nothing.
      const neighbour = String.fromCharCode(own.charCodeAt(0) ^ 1);
      for (const other of new Set([
        neighbour,
        'A',
        own === own.toUpperCase() ? own.toLowerCase() : own.toUpperCase(),
      ])) {
        if (other === own) continue;
        const damaged = cursor.slice(0, at) + other + cursor.slice(at + 1);
        const { status } = await list(`cluster_name=mila&after=${encodeURIComponent(damaged)}`);
        expect([damaged, status]).toEqual([damaged, 400]);
      }
    }
  });

  it('is 400 where it is cut off anywhere or goes on', async () => {
    const cursor = await cursorOf('cluster_name=mila');
    const longer = ['A', '=', '==', '.', '%20', '%0A', cursor].flatMap((more) => [cursor + more, more + cursor]);
    const shorter = Array.from({ length: cursor.length - 1 }, (_, length) => cursor.slice(0, length + 1));
    for (const damaged of [...longer, ...shorter, cursor.slice(1)]) {
      await refused(`cluster_name=mila&after=${damaged}`, /^after: /);
    }
  });

  const FILTER =
    'user=ada,bob&cluster_name=mila,beluga&job_state=RUNNING,PENDING&phase=running,pending&partition=main,long&account=def-a,def-b&time=5';

  it.each<[string, string]>([
    ['another order in a list', FILTER.replaceAll(/([\w-]+),([\w-]+)/g, '$2,$1')],
    ['an item of a list again', FILTER.replaceAll(/([\w-]+),([\w-]+)/g, '$1,$2,$1')],
    ['another order of parameters', FILTER.split('&').toReversed().join('&')],
    ['an alias', FILTER.replace('user=', 'username=').replace('time=', 'relative_time=')],
    ['an alias beside', `${FILTER}&username=ada,bob&relative_time=5`],
    ['another way to write a number', FILTER.replace('time=5', 'time=0005')],
    [
      'another case of closed lists',
      FILTER.replace('RUNNING,PENDING', 'running,Pending').replace('phase=running', 'phase=RuNNing'),
    ],
    ['other escapes', FILTER.replaceAll(',', '%2C').replace('ada', '%61d%61')],
    ['another limit', `${FILTER}&limit=7`],
    ['fields', `${FILTER}&fields=slurm,cw,user`],
    ['an unknown parameter', `${FILTER}&colour=red&colour=blue`],
  ])('stays valid with %s', async (_what, query) => {
    const whole = ids((await list(FILTER)).text);
    expect(whole.length).toBeGreaterThan(1);
    const cursor = await cursorOf(FILTER);
    const rest = await list(`${query}&after=${cursor}`);
    expect([rest.status, rest.status === 200 ? ids(rest.text).slice(0, 7) : rest.text]).toEqual([
      200,
      whole.slice(1, 8),
    ]);
  });

  it.each<[string, string, string]>([
    ['one more filter', 'cluster_name=mila', 'cluster_name=mila&phase=running'],
    ['one filter less', 'cluster_name=mila&phase=running', 'cluster_name=mila'],
    ['no filter at all', 'cluster_name=mila', ''],
    ['some filter', '', 'cluster_name=mila'],
    ['another cluster', 'cluster_name=mila', 'cluster_name=beluga'],
    ['more of a list', 'cluster_name=mila', 'cluster_name=mila,beluga'],
    ['less of a list', 'user=ada,bob', 'user=ada'],
    ['another user', 'user=ada', 'user=bob'],
    ['another state', 'job_state=RUNNING', 'job_state=PENDING'],
    ['another phase', 'phase=running', 'phase=pending'],
    ['another outcome', 'outcome=failed', 'outcome=completed'],
    ['another partition', 'partition=main', 'partition=long'],
    ['another case of a partition', 'partition=main', 'partition=MAIN'],
    ['another account', 'account=def-a', 'account=def-b'],
    ['no array', 'array_job_id=9', ''],
    ['another array', 'array_job_id=9', 'array_job_id=09'],
    ['another time', 'time=99999999999', 'time=99999999998'],
    ['no time', 'time=99999999999', ''],
    ['the same value in another filter', 'partition=main', 'account=main'],
  ])('is 400 with %s', async (_what, before, now) => {
    const cursor = await cursorOf(before);
    expect((await list(`${before}&after=${cursor}`)).status).toBe(200);
    await refused(`${now}&after=${cursor}`, /^after: /);
  });

  it('is 400 where it comes from nodes/list', async () => {
    await service.load({ nodes: ['a', 'b'].map((name) => ({ slurm: { name, cluster_name: 'mila' } })) });
    await refused(`after=${cursorIn(await get('/nodes/list?limit=1'))}`, /^after: /);
    await refused(
      `cluster_name=mila&after=${cursorIn(await get('/nodes/list?cluster_name=mila&limit=1'))}`,
      /^after: /,
    );
  });

  it('keeps the moment of the first page for time, so that a job does not pass out of the list on the way', async () => {
    const ended = Date.now() - 60_000;
    const slurm = { cluster_name: 'frozen', job_state: 'COMPLETED', end_time: new Date(ended).toISOString() };
    await service.load({ jobs: ['1', '2', '3'].map((job_id) => jobRecord({ slurm: { ...slurm, job_id } })) });
    // From five to six seconds from now they are in the list.
    const query = `cluster_name=frozen&time=${Math.ceil((Date.now() - ended) / 1000) + 5}`;
    const seen = await walkPages(get, `/jobs/list?${query}&limit=1`, () =>
      eventually(async () => {
        expect((await get(`/jobs/count?${query}`)).body).toEqual({ count: 0 });
      }, 15_000),
    );
    expect(ids(joinedPages(seen))).toEqual(['frozen 1', 'frozen 2', 'frozen 3']);
  });
});

describe('a cursor on other processes', () => {
  const started: { url: string; process: WatchedProcess }[] = [];

  async function another(environment: NodeJS.ProcessEnv) {
    const api = await startApi(environment);
    started.push(api);
    return api;
  }

  afterAll(async () => {
    for (const { process } of started) process.child.kill('SIGTERM');
    await Promise.all(started.map(({ process }) => process.ended));
  });

  const askedOf = (url: string, query: string, withKey = key) =>
    exchange(url, `/api/v1/cluster/jobs/list?${query}`, { key: withKey });

  it('is valid on another of the same database, from there here, and when that has ended on a third', async () => {
    const here = await list(`cluster_name=mila&after=${await cursorOf('cluster_name=mila')}`);
    const second = await another(service.environment);
    const before = await cursorOf('cluster_name=mila');
    expect((await askedOf(second.url, `cluster_name=mila&after=${before}`)).text).toBe(here.text);
    const there = cursorIn(await askedOf(second.url, 'cluster_name=mila&limit=1'));
    expect((await list(`cluster_name=mila&after=${there}`)).text).toBe(here.text);
    second.process.child.kill('SIGTERM');
    await second.process.ended;
    const third = await another(service.environment);
    expect((await askedOf(third.url, `cluster_name=mila&after=${there}`)).text).toBe(here.text);
  });

  it('is 400 on another database; of two that begin a new one at once each takes the other’s', async () => {
    const elsewhere = await startService();
    try {
      const { url } = await another(elsewhere.environment);
      const other = await elsewhere.keyOf('reader@example.org');
      await elsewhere.load({ jobs: VARIED });
      // These are the first that either gives.
      const urls = [elsewhere.url, url];
      const first = await Promise.all(urls.map((from) => askedOf(from, 'cluster_name=mila&limit=1', other)));
      for (const cursor of first.map(cursorIn)) {
        for (const to of urls) {
          expect((await askedOf(to, `cluster_name=mila&after=${cursor}`, other)).status).toBe(200);
        }
      }
      const foreign = await cursorOf('cluster_name=mila');
      expectProblem(await askedOf(elsewhere.url, `cluster_name=mila&after=${foreign}`, other), 400, /^after: /);
    } finally {
      await elsewhere.stop();
    }
  });
});
