import fc from './seeded-fast-check.js';

/** What of a job the sources of one Slurm version tell. */
export interface VersionOffer {
  version: string;
  accountingTellsRestarts: boolean;
  accountingTellsUid: boolean;
  accountingTellsIndex: boolean;
  controllerTellsSluid: boolean;
  /** 22.05's accounting does not list the new run of a requeued job until it starts. */
  accountingListsRequeuedWaiting: boolean;
  controllerTellsPaths: boolean;
}

export const OFFERS: readonly VersionOffer[] = [
  {
    version: '22.05',
    accountingTellsRestarts: false,
    accountingTellsUid: false,
    accountingTellsIndex: true,
    controllerTellsSluid: false,
    accountingListsRequeuedWaiting: false,
    controllerTellsPaths: false,
  },
  {
    version: '24.11',
    accountingTellsRestarts: true,
    accountingTellsUid: true,
    accountingTellsIndex: true,
    controllerTellsSluid: false,
    accountingListsRequeuedWaiting: true,
    controllerTellsPaths: true,
  },
  {
    version: '26.05',
    accountingTellsRestarts: true,
    accountingTellsUid: true,
    accountingTellsIndex: true,
    controllerTellsSluid: true,
    accountingListsRequeuedWaiting: true,
    controllerTellsPaths: true,
  },
];

export type Command =
  | { do: 'submit'; user: number; tasks: number }
  | { do: 'start' | 'finish' | 'complete' | 'requeue' | 'purge'; which: number; outcome: number }
  | { do: 'wait'; seconds: number }
  | { do: 'wipe' }
  | { do: 'read'; from: 'controller' | 'accounting'; fate: 'now' | 'late' | 'twice' | 'lost'; which: number }
  | { do: 'write'; which: number };

const which = fc.nat(20);
const commandOf = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });

/** What may happen to a cluster and to who reads it. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  commandOf(4, fc.record({ do: fc.constant('submit'), user: fc.nat(1), tasks: fc.constantFrom(0, 0, 2, 3) })),
  commandOf(
    8,
    fc.record({ do: fc.constantFrom('start', 'start', 'finish', 'complete', 'requeue'), which, outcome: fc.nat(3) }),
  ),
  commandOf(1, fc.record({ do: fc.constant('purge'), which, outcome: fc.constant(0) })),
  commandOf(1, fc.record({ do: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 500 }) })),
  commandOf(1, fc.constant({ do: 'wipe' } as const)),
  commandOf(
    8,
    fc.record({
      do: fc.constant('read'),
      from: fc.constantFrom('controller', 'controller', 'accounting'),
      fate: fc.constantFrom('now', 'now', 'now', 'late', 'twice', 'lost'),
      which,
    }),
  ),
  commandOf(5, fc.record({ do: fc.constant('write'), which })),
);

const OUTCOMES = ['COMPLETED', 'FAILED', 'CANCELLED', 'NODE_FAIL'];
const EPOCH = Date.UTC(2026, 0, 5) / 1000;

/** One attempt of a job. */
interface Run {
  submit: number;
  restarts: number;
  state: string;
  start: number | null;
  end: number | null;
  index: number;
}

interface ModelJob {
  /** Which job this really is: in its comment, which nothing goes by. */
  truth: string;
  id: number;
  user: number;
  directory: string;
  array: { id: number; task: number | null } | null;
  /** Of the record of an array's waiting tasks: which. */
  waiting: number[];
  completing: boolean;
  /** The last is the one that the controller has. */
  runs: Run[];
}

/** A record as `jobInput` takes it, and what it tells besides. */
export interface ModelRecord {
  slurm: Record<string, string | number | null | string[]>;
  identity: { databaseIndex: string | null; sluid: string | null };
}

/** A Slurm: its controller's jobs and what accounting remembers of all that ever were. */
export class SlurmModel {
  now = EPOCH;
  readonly everything: ModelJob[] = [];
  controller: ModelJob[] = [];
  private nextId = 1;
  private count = 0;
  private indexes = 0;

  constructor(
    readonly offer: VersionOffer,
    readonly cluster: string,
  ) {}

  /** What happens in Slurm; the rest is the reader's. */
  happen(command: Command): void {
    this.now += 1;
    switch (command.do) {
      case 'submit':
        this.add(command.user, this.nextId, command.tasks);
        break;
      case 'start':
        this.start(pick(this.controller.filter(isWaiting), command.which));
        break;
      case 'finish':
        this.finish(pick(this.controller.filter(isRunning), command.which), command.outcome);
        break;
      case 'complete': {
        const job = pick(
          this.controller.filter(({ completing }) => completing),
          command.which,
        );
        if (job !== undefined) job.completing = false;
        break;
      }
      case 'requeue':
        this.requeue(
          pick(
            this.controller.filter((job) => !isWaiting(job)),
            command.which,
          ),
        );
        break;
      case 'purge': {
        const job = pick(
          this.controller.filter((each) => isOver(each) && !each.completing),
          command.which,
        );
        this.controller = this.controller.filter((each) => each !== job);
        break;
      }
      case 'wait':
        this.now += command.seconds;
        break;
      case 'wipe':
        // Accounting keeps those that ran as running: nobody told it.
        this.controller = [];
        this.nextId = 1;
        break;
      default:
    }
  }

  controllerRecords(): ModelRecord[] {
    return this.controller.map((job) => this.recordOf(job, currentRun(job), 'controller'));
  }

  /** Of all runs of one job id, as `sacct -D` tells them: oldest first. */
  accountingRecords(id: number): ModelRecord[] {
    const runs = this.everything
      .filter((job) => job.id === id)
      .flatMap((job) =>
        job.runs.filter((run) => this.isInAccounting(job, run)).map((run) => this.recordOf(job, run, 'accounting')),
      );
    return runs;
  }

  submitTimesOf(truth: string): Set<string> {
    const jobs = this.everything.filter((job) => job.truth === truth);
    return new Set(jobs.flatMap(({ runs }) => runs.map(({ submit }) => iso(submit))));
  }

  ids(): number[] {
    return [...new Set(this.everything.map(({ id }) => id))];
  }

  private isInAccounting(job: ModelJob, run: Run): boolean {
    const isNewest = run === currentRun(job);
    return this.offer.accountingListsRequeuedWaiting || !isNewest || run.restarts === 0 || run.state !== 'PENDING';
  }

  private add(user: number, id: number, tasks: number): void {
    this.count += 1;
    this.nextId = id + 1;
    const job: ModelJob = {
      truth: `job-${this.count}`,
      id,
      user,
      // Two jobs of one id, user and directory, the second requeued before anybody looked, nothing tells apart.
      directory: `/home/user${user}/${this.count}`,
      array: tasks === 0 ? null : { id, task: null },
      waiting: Array.from({ length: tasks }, (_, task) => task),
      completing: false,
      runs: [this.newRun(this.now, 0)],
    };
    this.everything.push(job);
    this.controller.push(job);
  }

  private newRun(submit: number, restarts: number): Run {
    this.indexes += 1;
    return { submit, restarts, state: 'PENDING', start: null, end: null, index: this.indexes };
  }

  /** Of tasks that wait, the first gets an id of its own, but the last takes the array's. */
  private start(job: ModelJob | undefined): void {
    if (job === undefined) return;
    const [task, ...rest] = job.waiting;
    let started = job;
    if (job.array !== null && task !== undefined) {
      if (rest.length > 0) {
        job.waiting = rest;
        const run = { ...currentRun(job), index: this.newRun(0, 0).index };
        started = { ...job, truth: `${job.truth}.${task}`, id: this.nextId, waiting: [], runs: [run] };
        this.nextId += 1;
        this.everything.push(started);
        this.controller.push(started);
      }
      started.array = { id: job.array.id, task };
      started.waiting = [];
    }
    const run = currentRun(started);
    run.state = 'RUNNING';
    run.start = this.now;
  }

  private finish(job: ModelJob | undefined, outcome: number): void {
    if (job === undefined) return;
    const run = currentRun(job);
    run.state = OUTCOMES[outcome % OUTCOMES.length] ?? 'COMPLETED';
    run.end = this.now;
    job.completing = true;
  }

  private requeue(job: ModelJob | undefined): void {
    if (job === undefined) return;
    const run = currentRun(job);
    run.state = 'REQUEUED';
    run.end = this.now;
    job.completing = false;
    job.runs.push(this.newRun(Math.max(this.now, run.submit + 1), run.restarts + 1));
  }

  private recordOf(job: ModelJob, run: Run, source: 'controller' | 'accounting'): ModelRecord {
    const { offer } = this;
    const isController = source === 'controller';
    const isOverNow = run.end !== null;
    const path = isController && offer.controllerTellsPaths ? `${job.directory}/run.sh` : null;
    const isRequeued = run.state === 'REQUEUED';
    return {
      slurm: {
        cluster_name: this.cluster,
        job_id: String(job.id),
        name: 'train',
        mila_cluster_username: `user${job.user}`,
        uid: isController || offer.accountingTellsUid ? String(1000 + job.user) : null,
        job_state: isRequeued && offer.version !== '22.05' ? 'PENDING' : run.state,
        state_flags: [
          ...(isRequeued && offer.version !== '22.05' ? ['REQUEUED'] : []),
          ...(isController && job.completing ? ['COMPLETING'] : []),
        ],
        // The two disagree about some ends.
        exit_code: isOverNow && run.state === 'CANCELLED' ? (isController ? '0:15' : null) : '0:0',
        submit_time: iso(run.submit),
        start_time: iso(run.start),
        end_time: iso(run.end),
        array_job_id: job.array === null ? null : String(job.array.id),
        array_task_id: job.array?.task ?? null,
        array_task_string: job.waiting.length === 0 ? null : job.waiting.join(','),
        restart_count: isController || offer.accountingTellsRestarts ? run.restarts : null,
        nodes: run.start === null ? null : 'cn-a001',
        work_dir: job.directory,
        command: path,
        priority: this.now % 1000,
        comment: job.truth,
      },
      identity: {
        databaseIndex: !isController && offer.accountingTellsIndex ? String(run.index) : null,
        sluid: offer.version === '26.05' && (!isController || offer.controllerTellsSluid) ? `s${run.index}` : null,
      },
    };
  }
}

function currentRun(job: ModelJob): Run {
  const run = job.runs.at(-1);
  if (run === undefined) throw new Error('a job without a run');
  return run;
}

function isWaiting(job: ModelJob): boolean {
  return currentRun(job).state === 'PENDING';
}

function isRunning(job: ModelJob): boolean {
  return currentRun(job).state === 'RUNNING';
}

function isOver(job: ModelJob): boolean {
  return currentRun(job).end !== null;
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(from.length, 1)];
}

function iso(epochSeconds: number | null): string {
  return epochSeconds === null ? 'Unknown' : new Date(epochSeconds * 1000).toISOString().replace('.000', '');
}
