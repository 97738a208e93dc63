import fc from '../support/seeded-fast-check.js';
import { sendRequest } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { openImports, type OpenImports } from '../support/import-in-process.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';
import { joinedPages, nextPage, walkPages } from '../support/list-pages.js';

/** A job as its cluster knows it; `submitted` in minutes, null where Slurm does not know. */
interface ClusterJob {
  id: number;
  submitted: number | null;
  restarts: number;
  state: string;
  comment: number;
}

let service: ClockworkService;
let key: string;
let imports: OpenImports;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  imports = await openImports(service.environment);
});

afterAll(async () => {
  await imports.close();
  await service.stop();
});

const get = (path: string) => service.request(path, { key });

function instant(minutes: number | null): string {
  return minutes === null ? 'Unknown' : new Date(Date.UTC(2024, 0, 1) + minutes * 60_000).toISOString();
}

function record(cluster_name: string, { id, submitted, restarts, state, comment }: ClusterJob) {
  return jobRecord({
    slurm: {
      cluster_name,
      job_id: String(id),
      uid: '10001',
      submit_time: instant(submitted),
      restart_count: restarts,
      job_state: state,
      comment: String(comment),
    },
    cw: { mila_cluster_username: 'ada' },
  });
}

function idsIn(text: string): number[] {
  return (JSON.parse(text) as PublicJob[]).map(({ slurm }) => Number(slurm.job_id));
}

const ascending = (ids: Iterable<number>) => [...ids].toSorted((a, b) => a - b);

/** What may happen to a cluster between two pages; a `pick` chooses among the jobs that are there. */
type Step =
  | { kind: 'submit'; submitted: number | null }
  | { kind: 'requeue'; pick: number; by: number; times: number }
  | { kind: 'requeueAll'; by: number }
  | { kind: 'learn'; pick: number; submitted: number }
  | { kind: 'forget'; pick: number }
  | { kind: 'comment'; pick: number }
  | { kind: 'dict'; pick: number }
  | { kind: 'state'; pick: number; state: string }
  | { kind: 'reuse'; pick: number; by: number };

/** A cluster in the model and in the database, and which of its jobs a walk has to show. */
class Cluster {
  readonly jobs: ClusterJob[];
  /** Jobs that were there at the first page and have passed the filter all the time. */
  readonly throughout: Set<number>;

  constructor(
    readonly name: string,
    submitted: readonly (number | null)[],
    /** The walk is over these states alone. */
    readonly states: readonly string[],
  ) {
    this.jobs = submitted.map((time, index) => this.job(index + 1, time));
    this.throughout = new Set(this.jobs.map(({ id }) => id));
  }

  all() {
    return { jobs: this.jobs.map((job) => record(this.name, job)) };
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'submit') {
      const job = this.job(this.jobs.length + 1, step.submitted);
      this.jobs.push(job);
      await this.write(job);
      return;
    }
    if (step.kind === 'requeueAll') {
      for (const job of this.jobs) requeue(job, step.by);
      await imports.load(this.all());
      return;
    }
    const job = this.jobs[step.pick % this.jobs.length];
    if (job === undefined) return;
    switch (step.kind) {
      case 'requeue':
        for (let time = 0; time < step.times; time += 1) {
          requeue(job, step.by);
          await this.write(job);
        }
        return;
      case 'learn':
        job.submitted ??= step.submitted;
        return this.write(job);
      case 'forget':
        // A source that does not know the time does not unsay it; nor does a requeue come without one.
        job.comment += 1;
        return imports.load({ jobs: [record(this.name, { ...job, submitted: null })] });
      case 'comment':
        job.comment += 1;
        return this.write(job);
      case 'dict': {
        const json = { job_id: String(job.id), cluster_name: this.name, update_pairs: { [`k${job.comment}`]: 1 } };
        const { status } = await service.request('/jobs/user_dict_update', { method: 'PUT', key, json });
        if (status !== 200) throw new Error(`the dict of ${job.id} was not taken: ${status}`);
        return;
      }
      case 'state':
        job.state = step.state;
        if (!this.states.includes(job.state)) this.throughout.delete(job.id);
        return this.write(job);
      case 'reuse':
        // Another job under the same id: the one that was there throughout is in the archive now.
        job.submitted = (job.submitted ?? 0) + step.by;
        job.restarts = 0;
        this.throughout.delete(job.id);
        return this.write(job);
    }
  }

  private job(id: number, submitted: number | null): ClusterJob {
    return { id, submitted, restarts: 0, state: this.states[0] ?? '', comment: 0 };
  }

  private write(job: ClusterJob): Promise<void> {
    return imports.load({ jobs: [record(this.name, job)] });
  }
}

/** The same job again with a later submit time: it moves towards the front of the list. */
function requeue(job: ClusterJob, by: number): void {
  job.submitted = (job.submitted ?? 0) + by;
  job.restarts += 1;
}

let clusters = 0;
/** A name of its own for each case: all are in one database. */
const newName = () => `c${(clusters += 1)}`;

/** Walks a cluster with steps between the pages, and holds what was seen against what was there throughout. */
async function walkUnder(
  cluster: Cluster,
  limit: number,
  stepsBetween: readonly (readonly Step[])[],
): Promise<number[]> {
  await imports.load(cluster.all());
  let page = 0;
  const query = `cluster_name=${cluster.name}&job_state=${cluster.states.join(',')}&limit=${limit}`;
  const pages = await walkPages(get, `/jobs/list?${query}`, async () => {
    for (const step of stepsBetween[page] ?? []) await cluster.take(step);
    page += 1;
  });
  expect(Math.max(...pages.map(({ body }) => (body as unknown[]).length))).toBeLessThanOrEqual(limit);
  const seen = idsIn(joinedPages(pages));
  expect(ascending(seen.filter((id) => cluster.throughout.has(id)))).toEqual(ascending(cluster.throughout));
  return seen;
}

const ACTIVE = ['RUNNING', 'PENDING'];
const requeueOf = (id: number, by: number, times = 1): Step => ({ kind: 'requeue', pick: id - 1, by, times });

/** Job 1 is submitted first, so that it is the last in the list: 6, 5, 4, 3, 2, 1. */
const sixJobs = () => new Cluster(newName(), [10, 20, 30, 40, 50, 60], ACTIVE);

describe('pages hold each job that was there throughout once, when between two of them', () => {
  it.each<[string, number, Step[][]]>([
    [
      'jobs are submitted in front, behind and in the middle',
      2,
      [[95, 5, 45].map((submitted) => ({ kind: 'submit', submitted }))],
    ],
    ['a job that is still to come is requeued to the front', 2, [[requeueOf(1, 100)]]],
    ['a job that is still to come is requeued, and still is to come', 2, [[requeueOf(1, 25)]]],
    ['a job that is still to come is requeued to the very place where the page ended', 2, [[requeueOf(1, 40)]]],
    ['a job that was shown is requeued', 2, [[requeueOf(6, 100), requeueOf(5, 100)]]],
    ['the last job shown is requeued', 2, [[requeueOf(5, 100)]]],
    ['a job is requeued several times', 2, [[requeueOf(1, 100, 4)]]],
    ['a job is requeued again and again', 2, [[requeueOf(1, 1, 20), requeueOf(1, 100), requeueOf(1, 1, 60)]]],
    [
      'a job is requeued from page to page',
      1,
      [[requeueOf(1, 100)], [requeueOf(1, 100)], [requeueOf(1, 100)], [requeueOf(1, 100)]],
    ],
    [
      'more jobs are requeued than a page holds',
      1,
      [[requeueOf(1, 100), requeueOf(2, 100), requeueOf(3, 100), requeueOf(4, 100)]],
    ],
    ['all jobs are requeued, and again', 2, [[{ kind: 'requeueAll', by: 100 }], [{ kind: 'requeueAll', by: 100 }]]],
    [
      'all jobs are requeued before every page',
      1,
      Array.from({ length: 12 }, (): Step[] => [{ kind: 'requeueAll', by: 7 }]),
    ],
    ['a job that was shown is requeued twice, on two pages', 2, [[requeueOf(6, 100)], [requeueOf(6, 100)]]],
    [
      'a job that was shown as requeued is requeued again',
      1,
      [[requeueOf(1, 100)], [], [requeueOf(1, 100)], [], [requeueOf(1, 100)]],
    ],
    [
      'a requeued job changes its comment, its state and its dict',
      2,
      [
        [
          requeueOf(1, 100),
          { kind: 'comment', pick: 0 },
          { kind: 'state', pick: 0, state: 'PENDING' },
          { kind: 'dict', pick: 0 },
        ],
      ],
    ],
    ['the dicts of all change', 2, [[0, 1, 2, 3, 4, 5].map((pick) => ({ kind: 'dict', pick }))]],
    ['a source no longer knows the submit times', 2, [[0, 2, 5].map((pick) => ({ kind: 'forget', pick }))]],
    [
      'a source no longer knows the submit time of a job, which is then requeued',
      2,
      [[{ kind: 'forget', pick: 0 }, requeueOf(1, 100)]],
    ],
    ['an id is given to another job', 2, [[{ kind: 'reuse', pick: 0, by: 100 }, requeueOf(2, 100)]]],
  ])('%s', async (_what, limit, steps) => {
    await walkUnder(sixJobs(), limit, steps);
  });

  it('an unknown submit time becomes known, of a job that is still to come and of one that was shown', async () => {
    for (const limit of [1, 2, 4, 5]) {
      const cluster = new Cluster(newName(), [10, null, null, 40, null, null], ACTIVE);
      const learn = (id: number, submitted: number): Step => ({ kind: 'learn', pick: id - 1, submitted });
      await walkUnder(cluster, limit, [[learn(2, 100), learn(6, 20)], [learn(3, 10)], [learn(5, 40)]]);
    }
  });

  it('all jobs have one submit time, some are requeued to one time, and others are submitted for it', async () => {
    for (const limit of [1, 3, 4]) {
      const cluster = new Cluster(newName(), new Array<number>(10).fill(10), ACTIVE);
      const atOnce: Step[] = [1, 4, 9, 10].map((id) => requeueOf(id, 5));
      await walkUnder(cluster, limit, [atOnce, [{ kind: 'submit', submitted: 15 }, requeueOf(7, 5), requeueOf(2, 5)]]);
    }
  });

  it('a job that no longer passes the filter comes no more', async () => {
    const steps: Step[] = [
      { kind: 'state', pick: 0, state: 'COMPLETED' },
      { kind: 'state', pick: 1, state: 'COMPLETED' },
    ];
    expect(await walkUnder(sixJobs(), 2, [[requeueOf(2, 100), ...steps]])).toEqual([6, 5, 4, 3]);
  });

  it('whatever happens in whatever order', async () => {
    const minutes = fc.integer({ min: 0, max: 12 });
    const time = fc.option(minutes, { nil: null, freq: 4 });
    const pick = fc.nat(30);
    const by = fc.integer({ min: 1, max: 15 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('submit' as const), submitted: time }),
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('requeue' as const),
          pick,
          by,
          times: fc.integer({ min: 1, max: 3 }),
        }),
      },
      fc.record({ kind: fc.constant('requeueAll' as const), by }),
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('learn' as const), pick, submitted: minutes }) },
      fc.record({ kind: fc.constant('forget' as const), pick }),
      fc.record({ kind: fc.constant('comment' as const), pick }),
      fc.record({ kind: fc.constant('dict' as const), pick }),
      fc.record({
        kind: fc.constant('state' as const),
        pick,
        state: fc.constantFrom('RUNNING', 'PENDING', 'COMPLETED'),
      }),
      fc.record({ kind: fc.constant('reuse' as const), pick, by }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(time, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 10 }),
        async (submitted, limit, steps) => {
          await walkUnder(new Cluster(newName(), submitted, ACTIVE), limit, steps);
        },
      ),
      { numRuns: 40, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  });
});

describe('while others write all the time', () => {
  const JOBS = 40;
  const WRITERS = 2;
  const WALKS = 3;

  /** Requeues jobs of its own one after another, and submits some, until told to stop. */
  async function keepWriting(cluster: Cluster, writer: number, stopped: () => boolean): Promise<void> {
    for (let turn = 1; !stopped(); turn += 1) {
      const pick = (turn * 37 * WRITERS + writer) % JOBS;
      // Now to the front, now a little further, now among others.
      await cluster.take({ kind: 'requeue', pick, by: [1_000, 3, 40][turn % 3] ?? 1, times: 1 });
      if (turn % 10 === 0) await cluster.take({ kind: 'submit', submitted: (turn * 11) % 100 });
    }
  }

  describe('on two processes', () => {
    let other: ApiProcess;

    beforeAll(async () => {
      other = await startApi(service.environment);
    });

    afterAll(async () => {
      await other.stop();
    });

    it.each([1, 4, 17])('pages of %i, from either in turn, hold each job once', async (limit) => {
      const submitted = Array.from({ length: JOBS }, (_, index) => index % 20);
      const cluster = new Cluster(newName(), submitted, ACTIVE);
      await imports.load(cluster.all());
      let turn = 0;
      const either = (path: string) => ((turn += 1) % 2 === 0 ? get(path) : sendRequest(other.url, path, { key }));
      const state = { stopped: false };
      const walks = async () => {
        for (let walk = 0; walk < WALKS; walk += 1) {
          const pages = await walkPages(either, `/jobs/list?cluster_name=${cluster.name}&limit=${limit}`);
          expect(pages.length).toBeGreaterThanOrEqual(JOBS / limit);
          const seen = idsIn(joinedPages(pages)).filter((id) => id <= JOBS);
          expect(ascending(seen)).toEqual(Array.from({ length: JOBS }, (_, index) => index + 1));
        }
      };
      const writers = Array.from({ length: WRITERS }, (_, writer) => keepWriting(cluster, writer, () => state.stopped));
      await Promise.all([walks().finally(() => (state.stopped = true)), ...writers]);
    });
  });

  it('the walk ends, though jobs that it has not come to are requeued before each page', async () => {
    const cluster = new Cluster(newName(), [1, 2, 3, 4], ACTIVE);
    await imports.load(cluster.all());
    let path: string | null = `/jobs/list?cluster_name=${cluster.name}&limit=1`;
    let pages = 0;
    for (; path !== null && pages < 100; pages += 1) {
      const page = await get(path);
      path = nextPage(page, path);
      for (const pick of [0, 1, 2, 3]) await cluster.take({ kind: 'requeue', pick, by: 10, times: 1 });
    }
    expect(pages).toBeLessThan(20);
  });
});
