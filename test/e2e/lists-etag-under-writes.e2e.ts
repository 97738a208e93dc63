import { exchange } from '../support/api-client.js';
import { type ByteAnswer, exchangeBytes, tagOf } from '../support/byte-exchange.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';
import { NDJSON, type Representation } from '../support/list-representations.js';

const JOBS = 12;
const WRITERS = 4;
const ROUNDS = 12;
const UPDATES_A_ROUND = 5;

const REPRESENTATIONS: Representation[] = [
  {},
  { Accept: NDJSON },
  { 'Accept-Encoding': 'gzip' },
  { 'Accept-Encoding': 'zstd', Accept: NDJSON },
];

let service: ClockworkService;
let other: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: Array.from({ length: JOBS }, (_, at) => adasJob(String(at))) });
});

afterAll(async () => {
  await other.stop();
  await service.stop();
});

function adasJob(job_id: string, slurm: Record<string, unknown> = {}) {
  return jobRecord({
    slurm: { job_id, ...slurm },
    cw: { mila_cluster_username: 'ada' },
    user: { count: 0, padding: 'x'.repeat(200) },
  });
}

const urls = () => [service.url, other.url] as const;

async function update(url: string, jobId: string, count: number): Promise<number> {
  const json = { job_id: jobId, update_pairs: { count } };
  return (await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json })).status;
}

/** What every client together has been told: the last count of each job, and the body of each tag. */
class Told {
  readonly counts = new Map<string, number>();
  readonly bodies = new Map<string, Buffer>();

  count(jobId: string, count: number): void {
    this.counts.set(jobId, Math.max(count, this.counts.get(jobId) ?? 0));
  }

  /** An equal tag is an equal body, to the byte, whoever asked which process, and when. */
  body(representation: Representation, answer: ByteAnswer): void {
    const { etag } = answer.headers;
    if (etag === undefined) return;
    const seen = `${JSON.stringify(representation)} ${etag}`;
    const known = this.bodies.get(seen);
    if (known === undefined) this.bodies.set(seen, answer.bytes);
    else if (!known.equals(answer.bytes)) throw new Error(`${seen} is the tag of two bodies`);
  }
}

function countsIn(text: string): Map<string, number> {
  const jobs = text.startsWith('[')
    ? (JSON.parse(text) as PublicJob[])
    : text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as PublicJob]));
  return new Map(jobs.map(({ slurm, user }) => [slurm.job_id, Number(user['count'])]));
}

/** Lists again and again, with the tag of what it has or without, and holds each answer against what was told before. */
class Lister {
  readonly statuses = { 200: 0, 304: 0, untagged: 0 };
  private kept: { tag: string; text: string } | undefined;

  constructor(
    private readonly told: Told,
    private readonly representation: Representation,
  ) {}

  /** @returns the status, and the count of each job in what this client takes the list to be */
  async list(url: string, conditional: boolean): Promise<{ status: number; shown: Map<string, number> }> {
    const atLeast = new Map(this.told.counts);
    const condition = conditional && this.kept !== undefined ? { 'If-None-Match': this.kept.tag } : {};
    const headers = { ...this.representation, ...condition };
    const answer = await exchangeBytes(url, '/jobs/list', { key, headers });
    const shown = countsIn(answer.status === 304 ? (this.kept?.text ?? '') : answer.text);
    for (const [jobId, count] of atLeast) {
      if ((shown.get(jobId) ?? -1) < count) {
        throw new Error(`${answer.status}: job ${jobId} is shown with ${shown.get(jobId) ?? 'nothing'}, not ${count}`);
      }
    }
    if (answer.status === 304) {
      this.statuses[304] += 1;
      return { status: 304, shown };
    }
    expect({ ...answer, status: 200 }).toEqual(answer);
    this.told.body(this.representation, answer);
    this.statuses[answer.headers.etag === undefined ? 'untagged' : 200] += 1;
    this.kept = answer.headers.etag === undefined ? undefined : { tag: answer.headers.etag, text: answer.text };
    return { status: 200, shown };
  }
}

/** What is there of the jobs that are written, from no list. */
async function countsOfJobs(): Promise<Map<string, number>> {
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, (_, at) => exchange(service.url, `${BASE}/jobs/one?job_id=${at}`, { key })),
  );
  return new Map(jobs.map(({ body }) => [(body as PublicJob).slurm.job_id, Number((body as PublicJob).user['count'])]));
}

describe('while dicts are updated on two processes', () => {
  it('an answer shows what was acknowledged before it was asked for, and a tag stands for one body', async () => {
    const told = new Told();
    const listers = REPRESENTATIONS.flatMap((representation) => [
      new Lister(told, representation),
      new Lister(told, representation),
    ]);
    for (let round = 0; round < ROUNDS; round += 1) {
      let writing = true;
      const writer = async (number: number) => {
        for (let step = 1; step <= UPDATES_A_ROUND; step += 1) {
          const jobId = String((number + step * WRITERS) % JOBS);
          const count = round * UPDATES_A_ROUND + step;
          expect(await update(urls()[(number + step) % 2] ?? '', jobId, count)).toBe(200);
          told.count(jobId, count);
        }
      };
      const lister = async (one: Lister, number: number) => {
        for (let turn = 0; writing; turn += 1) await one.list(urls()[(number + turn) % 2] ?? '', turn % 3 !== 0);
        // When nobody writes any more there is a tag at once, and with it nothing new, on either process.
        await one.list(service.url, true);
        for (const url of urls()) expect(await one.list(url, true)).toMatchObject({ status: 304 });
      };
      const listing = listers.map(lister);
      await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number))).finally(() => {
        writing = false;
      });
      await Promise.all(listing);
    }
    const sum = (status: 200 | 304 | 'untagged') => listers.reduce((all, { statuses }) => all + statuses[status], 0);
    process.stderr.write(
      `lists under writes: ${sum(200)} with a tag, ${sum('untagged')} without, ${sum(304)} unchanged, ${told.bodies.size} tags\n`,
    );
    expect(sum(200)).toBeGreaterThan(ROUNDS);
    expect(told.bodies.size).toBeGreaterThan(ROUNDS);
  }, 60_000);

  it('a writer who lists is shown what it wrote, whatever the others do', async () => {
    const told = new Told();
    const writer = async (number: number) => {
      const own = new Lister(told, REPRESENTATIONS[number % REPRESENTATIONS.length] ?? {});
      const jobId = String(number);
      for (let count = 1_000; count < 1_030; count += 1) {
        expect(await update(urls()[count % 2] ?? '', jobId, count)).toBe(200);
        told.count(jobId, count);
        await own.list(urls()[(count + number) % 2] ?? '', true);
      }
    };
    await Promise.all(Array.from({ length: WRITERS * 2 }, (_, number) => writer(number)));
  }, 60_000);
});

describe('while an import runs', () => {
  it('a tag stands for one body, and when it is done all is shown with a tag', async () => {
    const told = new Told();
    const listers = REPRESENTATIONS.map((representation) => new Lister(told, representation));
    for (const comment of ['first', 'second', 'third']) {
      let importing = true;
      const listing = listers.map(async (lister, number) => {
        for (let turn = 0; importing; turn += 1) await lister.list(urls()[(number + turn) % 2] ?? '', turn % 3 !== 0);
      });
      const jobs = Array.from({ length: 2_500 }, (_, at) => adasJob(String(10_000 + at), { comment }));
      await service.load({ jobs }).finally(() => {
        importing = false;
      });
      await Promise.all(listing);
      for (const url of urls()) {
        const whole = await exchangeBytes(url, '/jobs/list', { key });
        expect(whole.text.split(`"comment":"${comment}"`)).toHaveLength(2_501);
        const headers = { 'If-None-Match': tagOf(whole) };
        expect((await exchangeBytes(url, '/jobs/list', { key, headers })).status).toBe(304);
      }
    }
  }, 60_000);
});

describe('while the first records of a new database are written', () => {
  it('lists are answered: those before and those after', async () => {
    const begun = await startService();
    try {
      const theirs = await begun.keyOf('ada@example.org', ['--cluster-username', 'ada']);
      let importing = true;
      const listing = ['/jobs/list', '/nodes/list', '/gpu/list'].map(async (path) => {
        const refused: ByteAnswer[] = [];
        while (importing) {
          const answer = await exchangeBytes(begun.url, path, { key: theirs });
          if (answer.status !== 200) refused.push(answer);
        }
        expect(refused).toEqual([]);
      });
      const parts = {
        gpu: [{ cw_name: 'a100' }],
        nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-1' } }],
        jobs: [adasJob('1')],
      };
      await begun.load(parts).finally(() => {
        importing = false;
      });
      await Promise.all(listing);
    } finally {
      await begun.stop();
    }
  }, 30_000);
});

describe('a process that is killed while it writes', () => {
  it('leaves no old tag good for what it wrote', async () => {
    const told = new Told();
    const victim = await startApi(service.environment);
    const lister = new Lister(told, {});
    await lister.list(service.url, false);
    let writing = true;
    const writers = Array.from({ length: 8 }, async (_, number) => {
      for (let count = 2_000; writing; count += 1) {
        const status = await update(victim.url, String(number), count).catch(() => 0);
        if (status !== 200) return;
        told.count(String(number), count);
      }
    });
    await eventually(async () => {
      await lister.list(service.url, true);
      expect(
        Math.min(...Array.from({ length: 8 }, (_, number) => told.counts.get(String(number)) ?? 0)),
      ).toBeGreaterThan(2_003);
    });
    victim.process.child.kill('SIGKILL');
    await victim.process.ended;
    writing = false;
    await Promise.all(writers);
    // What was at the database when it died takes effect or not: what lists show then must be what is there.
    await eventually(async () => {
      expect(await countsOfJobs()).toEqual(await countsOfJobs());
    });
    const counts = await countsOfJobs();
    for (const url of urls()) {
      for (const conditional of [true, false]) {
        const { shown } = await lister.list(url, conditional);
        for (const [jobId, count] of counts) expect([jobId, shown.get(jobId)]).toEqual([jobId, count]);
      }
    }
  }, 60_000);
});
