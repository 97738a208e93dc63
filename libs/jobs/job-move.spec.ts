import fc from '../../test/support/seeded-fast-check.js';
import { Long } from 'mongodb';
import type { PageCursor } from '#libs/lists';
import type { JobMove } from './job.schema.js';
import { movePast, type Placed } from './job-move.js';

interface ListedJob extends Placed {
  submitted: Date | null;
  moves: JobMove[];
}

/** What happens between two pages. */
type Change =
  | { kind: 'move'; job: number; by: number }
  | { kind: 'arrive'; submitted: Date | null; cluster: string; jobNumber: bigint };

/** As the list has it: newest first, unknown last, then by cluster in the order of UTF-8, then by number. */
function compareJobs(one: ListedJob, other: ListedJob): number {
  const times = [one, other].map(({ submitted }) => submitted?.getTime() ?? Number.NEGATIVE_INFINITY);
  const [time = 0, otherTime = 0] = times;
  if (time !== otherTime) return time < otherTime ? 1 : -1;
  const clusters = Buffer.compare(Buffer.from(one.cluster), Buffer.from(other.cluster));
  return clusters === 0 ? Number(one.jobNumber - other.jobNumber) : clusters;
}

const endOf = ({ submitted, cluster, jobNumber }: ListedJob) => [submitted, cluster, Long.fromBigInt(jobNumber)];

/** A list of jobs whose pages somebody turns while jobs move to the front of it. */
class MovingList {
  readonly jobs: ListedJob[];
  private lastMove = 0;

  constructor(jobs: readonly ListedJob[]) {
    this.jobs = jobs.map((job) => ({ ...job, moves: [] }));
  }

  /** A page: first what has moved past the end of the pages so far, then what is still behind it. */
  page(before: PageCursor | null, limit: number): { jobs: ListedJob[]; next: PageCursor | null } {
    const sorted = this.jobs.toSorted(compareJobs);
    if (before === null) return this.pageOf(sorted, [], limit);
    const past = this.jobs
      .map((job) => ({ job, move: movePast(job.moves, job, before) }))
      .filter((each): each is { job: ListedJob; move: number } => each.move !== null)
      .sort((one, other) => one.move - other.move);
    const moved = past.slice(0, limit);
    const last = moved.at(-1);
    if (past.length > limit && last !== undefined) {
      return { jobs: moved.map(({ job }) => job), next: { ...before, move: last.move } };
    }
    const [submitted, cluster, jobNumber] = before.position as [Date | null, string, Long];
    const end = { submitted, cluster, jobNumber: jobNumber.toBigInt(), moves: [] };
    const behind = sorted.filter((job) => compareJobs(job, end) > 0);
    const rest = this.pageOf(
      behind,
      moved.map(({ job }) => job),
      limit - moved.length,
    );
    if (moved.length === limit && behind.length > 0) return { ...rest, next: { ...before, move: this.lastMove } };
    return rest;
  }

  change(change: Change): void {
    if (change.kind === 'arrive') {
      if (this.jobs.every((job) => job.cluster !== change.cluster || job.jobNumber !== change.jobNumber)) {
        this.jobs.push({ ...change, moves: [] });
      }
      return;
    }
    const job = this.jobs[change.job % this.jobs.length];
    if (job === undefined) return;
    const from = job.submitted;
    const to = new Date((from?.getTime() ?? 0) + change.by);
    this.lastMove += 1;
    job.moves.push({ number: this.lastMove, from, to });
    job.submitted = to;
  }

  private pageOf(list: readonly ListedJob[], moved: readonly ListedJob[], count: number) {
    const taken = list.slice(0, count);
    const last = taken.at(-1);
    const hasMore = last !== undefined && list.length > count;
    const next = hasMore ? { position: endOf(last), instant: null, move: this.lastMove } : null;
    return { jobs: [...moved, ...taken], next };
  }
}

const submitted = fc.option(
  fc.integer({ min: 0, max: 5 }).map((time) => new Date(time)),
  { freq: 4 },
);
const cluster = fc.constantFrom('mila', '\uff5e', '😀');
const jobNumber = fc.bigInt({ min: 8n, max: 12n });
const arbitraryJobs = fc.uniqueArray(fc.record({ submitted, cluster, jobNumber, moves: fc.constant<JobMove[]>([]) }), {
  minLength: 1,
  maxLength: 12,
  selector: (job) => `${job.cluster} ${job.jobNumber}`,
});
const arbitraryChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    // To somewhere nearer to the front, or to the very front.
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      job: fc.nat(),
      by: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(100)),
    }),
  },
  fc.record({ kind: fc.constant('arrive' as const), submitted, cluster, jobNumber }),
);

describe('movePast', () => {
  it('lets pages show each job exactly once that was there throughout, however jobs move meanwhile', () => {
    fc.assert(
      fc.property(
        arbitraryJobs,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.array(arbitraryChange, { maxLength: 6 }), { maxLength: 8 }),
        (jobs, limit, changes) => {
          const list = new MovingList(jobs);
          const throughout = [...list.jobs];
          const seen: ListedJob[] = [];
          const between = changes.values();
          let page = list.page(null, limit);
          seen.push(...page.jobs);
          while (page.next !== null) {
            for (const change of between.next().value ?? []) list.change(change);
            page = list.page(page.next, limit);
            expect(page.jobs.length).toBeLessThanOrEqual(limit);
            seen.push(...page.jobs);
            expect(seen.length).toBeLessThanOrEqual(list.jobs.length);
          }
          expect(throughout.filter((job) => !seen.includes(job))).toEqual([]);
          expect(seen.filter((job, index) => seen.indexOf(job) !== index)).toEqual([]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  const end = (time: Date | null, name: string, number: number, move: number): PageCursor => {
    return { position: [time, name, Long.fromNumber(number)], instant: null, move };
  };
  const job: Placed = { cluster: 'mila', jobNumber: 10n };
  const move = (number: number, from: number | null, to: number): JobMove => {
    return { number, from: from === null ? null : new Date(from), to: new Date(to) };
  };

  it.each<[string, JobMove[], PageCursor, number | null]>([
    ['has not moved', [], end(new Date(5), 'mila', 9, 0), null],
    ['moved past the end', [move(1, 3, 8)], end(new Date(5), 'mila', 9, 0), 1],
    ['moved before the page was read', [move(1, 3, 8)], end(new Date(5), 'mila', 9, 1), null],
    ['moved, and is still behind', [move(1, 3, 4)], end(new Date(5), 'mila', 9, 0), null],
    ['moved in front of the end', [move(1, 6, 8)], end(new Date(5), 'mila', 9, 0), null],
    ['moved past it at the second step', [move(1, 3, 4), move(4, 4, 8)], end(new Date(5), 'mila', 9, 0), 4],
    ['moved on after it moved past it', [move(1, 3, 8), move(4, 8, 9)], end(new Date(5), 'mila', 9, 0), 1],
    ['moved on since the page took it in', [move(1, 3, 8), move(4, 8, 9)], end(new Date(5), 'mila', 9, 1), null],
    ['got to have a known time', [move(1, null, 8)], end(new Date(5), 'mila', 9, 0), 1],
    ['got to have one, among the unknown', [move(1, null, 8)], end(null, 'mila', 9, 0), 1],
    ['had none, and stood in front', [move(1, null, 8)], end(null, 'mila', 11, 0), null],
    ['moved to the time of the end, behind it', [move(1, 3, 5)], end(new Date(5), 'mila', 9, 0), null],
    ['moved to the time of the end, in front of it', [move(1, 3, 5)], end(new Date(5), 'mila', 11, 0), 1],
    ['moved to the time of the end, a cluster before', [move(1, 3, 5)], end(new Date(5), 'n', 9, 0), 1],
    ['moved to the time of the end, a cluster after', [move(1, 3, 5)], end(new Date(5), 'beluga', 11, 0), null],
    ['moved away from the time of the end, from behind it', [move(1, 5, 8)], end(new Date(5), 'mila', 9, 0), 1],
    ['moved away from it, from in front', [move(1, 5, 8)], end(new Date(5), 'mila', 11, 0), null],
    ['was itself the end', [move(1, 5, 8)], end(new Date(5), 'mila', 10, 0), null],
  ])('of a job that %s', (_, moves, page, number) => {
    expect(movePast(moves, job, page)).toBe(number);
  });

  it('orders clusters as MongoDB does, and numbers of more digits than a double has', () => {
    const moves = [move(1, 5, 8)];
    const inUtf8 = { cluster: '😀', jobNumber: 1n };
    expect(movePast(moves, inUtf8, end(new Date(5), '\uff5e', 1, 0))).toBe(1);
    const large = { cluster: 'mila', jobNumber: 2n ** 53n + 1n };
    const page = { position: [new Date(5), 'mila', Long.fromBigInt(2n ** 53n)], instant: null, move: 0 };
    expect(movePast(moves, large, page)).toBe(1);
  });
});
