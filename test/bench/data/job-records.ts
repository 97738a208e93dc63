import { jobToSlurmPart } from '#libs/slurm';
import { BUSY, OCCASIONAL, OCCASIONAL_JOBS, others, type Person } from './people.ts';
import { seededRandom } from './random.ts';

type Cluster = Parameters<typeof jobToSlurmPart>[1];
type JobRecord = Parameters<typeof jobToSlurmPart>[0];

export const MILA: Cluster = { name: 'mila', accountKind: 'mila', timeZone: 'America/Toronto' };
const BELUGA: Cluster = { name: 'beluga', accountKind: 'cc', timeZone: 'America/Toronto' };

const FIRST_ID = 1_000_000;
const FIRST_SUBMISSION = 1_700_000_000;
/** Busy enough for each of its jobs to be found. */
const BUSY_SHARE = 20;

/** With how many of a hundred jobs are in it. */
const STATES: readonly [state: string, share: number, exitCode: string][] = [
  ['COMPLETED', 70, '0:0'],
  ['FAILED', 10, '1:0'],
  ['CANCELLED', 6, '0:15'],
  ['TIMEOUT', 4, '0:0'],
  ['RUNNING', 6, '0:0'],
  ['PENDING', 4, '0:0'],
];

/** How a job is asked for. */
export interface JobKey {
  job_id: string;
  cluster_name: string;
}

function clusterOf(index: number): Cluster {
  return index % 10 === 9 ? BELUGA : MILA;
}

export function jobKey(index: number): JobKey {
  return { job_id: String(FIRST_ID + index), cluster_name: clusterOf(index).name };
}

/** The busy user's jobs, which that user may write to. */
export function busyJobs(jobs: number): JobKey[] {
  return Array.from({ length: Math.floor(jobs / BUSY_SHARE) }, (_, index) => jobKey(index * BUSY_SHARE + 3));
}

/** Jobs as an import takes them: the whole `slurm` part of the collector, dicts with floats for two of five. */
export function* jobRecords(jobs: number): Generator<object> {
  const random = seededRandom(jobs);
  const crowd = others(jobs);
  for (let index = 0; index < jobs; index += 1) {
    const owner = ownerOf(index, jobs, crowd, random);
    yield { slurm: jobToSlurmPart(jobRecord(index, owner, random), clusterOf(index)), user: userDict(index, random) };
  }
}

function ownerOf(index: number, jobs: number, crowd: readonly Person[], random: () => number): Person {
  if (index % BUSY_SHARE === 3) return BUSY;
  const stride = Math.floor(jobs / OCCASIONAL_JOBS);
  // No multiple of the busy user's, and spread over the whole time.
  if (index % stride === 4 && index < stride * OCCASIONAL_JOBS) return OCCASIONAL;
  // Some have many jobs, most have few.
  return crowd[Math.floor(crowd.length * random() ** 2)] ?? BUSY;
}

function stateAt(share: number): readonly [state: string, exitCode: string] {
  let passed = 0;
  for (const [state, part, exitCode] of STATES) {
    passed += part;
    if (share < passed) return [state, exitCode];
  }
  return ['COMPLETED', '0:0'];
}

function jobRecord(index: number, owner: Person, random: () => number): JobRecord {
  const [state, exitCode] = stateAt(random() * 100);
  const pending = state === 'PENDING';
  const cluster = clusterOf(index);
  const userName = cluster === MILA ? owner.mila : owner.cc;
  // Several a minute, some at the same second.
  const submitTime = FIRST_SUBMISSION + Math.floor(index * 3.7);
  const startTime = submitTime + Math.floor(random() * 7200);
  const task = index % 10 < 2 ? index % 10 : null;
  const cpus = 2 ** Math.floor(random() * 6);
  const gpus = Math.floor(random() * 3);
  const tres = `cpu=${cpus},mem=${cpus * 4}G,node=1,billing=${cpus}${gpus > 0 ? `,gres/gpu=${gpus}` : ''}`;
  const home = `/home/mila/${userName.charAt(0)}/${userName}`;
  const experiment = `${home}/experiments/resnet-${index % 977}`;
  return {
    clusterName: cluster.name,
    jobId: jobKey(index).job_id,
    databaseIndex: null,
    sluid: null,
    arrayJobId: task === null ? null : jobKey(index - task).job_id,
    arrayTaskId: task,
    arrayTaskString: null,
    hetJobId: null,
    hetJobOffset: null,
    name: `train_${index % 977}_seed${index % 7}`,
    userName,
    uid: owner.uid,
    account: cluster === MILA ? 'mila' : 'def-pomme-rrg',
    state,
    stateFlags: [],
    stateReason: pending ? 'Priority' : 'None',
    exitCode,
    timeLimit: 3600 * (1 + (index % 48)),
    submitTime,
    eligibleTime: submitTime,
    startTime: pending ? null : startTime,
    endTime: pending ? null : startTime + Math.floor(random() * 86_400),
    partition: ['main', 'long', 'unkillable', 'short-unkillable'][index % 4] ?? null,
    qos: 'normal',
    nodes: pending ? null : `cn-a${String(1 + (index % 2_000)).padStart(4, '0')}`,
    nodeCount: 1,
    cpus,
    priority: Math.floor(random() * 100_000),
    restartCount: 0,
    tresRequested: tres,
    tresAllocated: pending ? null : tres,
    reservation: null,
    dependency: null,
    comment: null,
    command: `${experiment}/train.sh`,
    workDir: experiment,
    stdout: `${experiment}/slurm-${FIRST_ID + index}.out`,
    stderr: `${experiment}/slurm-${FIRST_ID + index}.err`,
    stdin: '/dev/null',
  };
}

function userDict(index: number, random: () => number): object {
  if (index % 5 > 1) return {};
  return {
    train_loss: random(),
    valid_loss: random() * 2,
    learning_rate: 10 ** (-1 - random() * 4),
    epoch: Math.floor(random() * 100),
    tags: ['baseline', `run-${index}`],
  };
}
