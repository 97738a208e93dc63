import { readFileSync } from 'node:fs';

/** Those whose recorded answers are made larger; each prints numbers, lists and states in its own shape. */
export const SLURM_VERSIONS = ['22.05', '24.11'] as const;
export type SlurmVersion = (typeof SLURM_VERSIONS)[number];

/** Slurm prints its JSON indented; slurmrestd's is compact where a site has set that. */
export const LAYOUTS = ['indented', 'compact'] as const;
export type Layout = (typeof LAYOUTS)[number];

const INDENTATION: Readonly<Record<SlurmVersion, number>> = { '22.05': 1, '24.11': 2 };
const FIRST_ID = 1_000_000;
const FIRST_EVALUATION = 1_795_541_464;
/** Of text that is handed on at a time. */
const PIECE_JOBS = 200;

type Recorded = Record<string, unknown>;

/** What `squeue --json` prints of a cluster at one moment. */
export interface QueueMoment {
  version: SlurmVersion;
  layout: Layout;
  jobs: number;
  /** Later moments have larger ones: what slurmctld changes by itself is another in each. */
  moment: number;
  /** When a job last changed in a way that anybody wants to know of. */
  changedAt: (index: number) => number;
}

/**
 * The recorded answer with its waiting and running jobs repeated under ids of their own, piece by piece. From one moment to the
 * next a job that waits has another priority and was looked at by the scheduler, as in Slurm; one that changed has another
 * comment, which is the least that a job can change by.
 */
export function* squeueDocument(queue: QueueMoment): Generator<string> {
  const { jobs: recorded, ...envelope } = recordedAnswer(queue.version);
  const live = recorded.filter((job) => phaseOf(job) !== null);
  const indentation = queue.layout === 'indented' ? INDENTATION[queue.version] : 0;
  const [before = '', after = ''] = JSON.stringify({ ...envelope, jobs: [] }, null, indentation).split(
    /(?<="jobs": ?\[)/,
  );
  yield before;
  let piece = '';
  for (let index = 0; index < queue.jobs; index += 1) {
    const job = jobOf(live[index % live.length] ?? {}, index, queue);
    piece += (index === 0 ? '' : ',') + indented(JSON.stringify(job, null, indentation), 2 * indentation);
    if (index % PIECE_JOBS === PIECE_JOBS - 1) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}${indented('', indentation)}${after}\n`;
}

function recordedAnswer(version: SlurmVersion): Recorded & { jobs: Recorded[] } {
  const file = new URL(`../../../fixtures/slurm-${version}/squeue.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded & { jobs: Recorded[] };
}

/** null: it has ended. */
function phaseOf({ job_state }: Recorded): 'pending' | 'running' | null {
  const states = [job_state].flat();
  return states.includes('RUNNING') ? 'running' : states.includes('PENDING') ? 'pending' : null;
}

function jobOf(recorded: Recorded, index: number, { moment, changedAt }: QueueMoment): Recorded {
  const id = FIRST_ID + index;
  const isPending = phaseOf(recorded) === 'pending';
  return {
    ...recorded,
    job_id: id,
    name: `train-${id}`,
    comment: `epoch ${changedAt(index)}`,
    ...(numberIn(recorded['array_job_id']) === 0 ? {} : { array_job_id: numberAs(recorded['array_job_id'], id) }),
    ...(recorded['job_resources'] === null && !isPending ? { job_resources: JOB_RESOURCES } : {}),
    ...(isPending ? { priority: numberAs(recorded['priority'], 10_000 + index + moment) } : {}),
    ...(isPending
      ? { last_sched_evaluation: numberAs(recorded['last_sched_evaluation'], FIRST_EVALUATION + 30 * moment) }
      : {}),
  };
}

/** Plain in 22.05, from 23.02 on an object. */
function numberIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'number' in value ? value.number : value;
}

function numberAs(before: unknown, value: number): unknown {
  return typeof before === 'object' && before !== null ? { set: true, infinite: false, number: value } : value;
}

/** Each line of a value, on lines of their own, as deep as the list's elements are. */
function indented(text: string, depth: number): string {
  if (depth === 0) return text;
  const margin = `\n${' '.repeat(depth)}`;
  return margin + text.replaceAll('\n', margin);
}

const CORE_STATUSES = ['ALLOCATED', 'ALLOCATED', 'UNALLOCATED', 'UNALLOCATED'];
const IDLE_CORES = CORE_STATUSES.map(() => 'UNALLOCATED');

/** What 24.11 lists of a running job, and the recorded answer has left out: a node of eight cores, one by one. */
const JOB_RESOURCES = {
  select_type: ['CORE'],
  nodes: {
    count: 1,
    select_type: ['ONE_ROW'],
    list: 'cn-g001',
    whole: false,
    allocation: [
      {
        index: 0,
        name: 'cn-g001',
        cpus: { count: 4, used: 0 },
        memory: { used: 0, allocated: 4096 },
        sockets: [CORE_STATUSES, IDLE_CORES].map((statuses, index) => ({
          index,
          cores: statuses.map((status, core) => ({ index: core, status: [status] })),
        })),
      },
    ],
  },
  cpus: 4,
  threads_per_core: { set: false, infinite: false, number: 0 },
};
