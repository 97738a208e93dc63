import { arrayTaskText } from './array-tasks.js';
import type { JobRecord } from './job-record.js';
import { jobPhase, parseJobState } from './job-state.js';
import type { JobValues } from './job-values.js';
import { type FieldPaths, type FieldTable, RecordFields } from './record-fields.js';
import { slurmText } from './slurm-text.js';
import { tresCount } from './tres-text.js';

/** The flags come with the state, and sacct keeps how many tasks may run at once apart from the tasks. */
type JobField = Exclude<keyof JobRecord, 'stateFlags'> | 'arrayTaskLimit';
export type JobPaths = FieldPaths<JobField>;

/** NO_VAL, which Slurm puts into a path where the number of a task belongs that has none yet. */
const NO_TASK = '4294967294';

/**
 * One job of any source. Where a source keeps what is in its table of paths; the shapes that a value has in any version are known
 * by the functions that read it. Hence there is no question about versions here.
 */
export function readJob(record: unknown, table: FieldTable<JobField>, values: JobValues): JobRecord {
  const fields = new RecordFields(record, table);
  const jobId = fields.need('jobId', values.id);
  const { state, flags } = fields.need('state', (value) => {
    const parsed = parseJobState(values.states(value));
    return parsed.state === '' ? null : parsed;
  });
  const { phase } = jobPhase(state, flags);

  const arrayJobId = fields.read('arrayJobId', values.id);
  const arrayTaskId = fields.read('arrayTaskId', values.integer);
  const waitingTasks = arrayJobId !== null && arrayTaskId === null;
  const hetJobId = fields.read('hetJobId', values.id);

  const nodes = fields.read('nodes', nodeList);
  const startTime = fields.read('startTime', values.time);
  const timeLimit = fields.read('timeLimit', values.limit);
  const printedEnd = fields.read('endTime', values.time);
  // To a job without a limit the JSON gives 365 days. Slurm's text says Unknown, and that is the truth.
  const forecast = phase === 'pending' || phase === 'running';
  const endTime = forecast && timeLimit === null ? null : printedEnd;
  // Slurm sets the start of a job that was cancelled or expired while it waited to its end.
  const neverStarted = phase === 'finished' && nodes === null && startTime === endTime;

  const tresRequested = fields.read('tresRequested', values.tres);
  const tresAllocated = fields.read('tresAllocated', values.tres);
  const path = (field: 'stdout' | 'stderr' | 'stdin'): string | null => {
    const text = fields.read(field, values.word);
    return waitingTasks && text?.includes(NO_TASK) === true ? null : text;
  };
  const stdout = path('stdout');

  return {
    clusterName: fields.read('clusterName', values.word),
    jobId,
    databaseIndex: fields.read('databaseIndex', values.digits),
    sluid: fields.read('sluid', values.word),
    arrayJobId,
    arrayTaskId,
    arrayTaskString: fields.read('arrayTaskString', (value) =>
      arrayTaskText(value, fields.read('arrayTaskLimit', values.integer)),
    ),
    hetJobId,
    hetJobOffset: hetJobId === null ? null : fields.read('hetJobOffset', values.integer),
    name: fields.read('name', values.freeText) ?? '',
    userName: fields.read('userName', values.word),
    uid: fields.read('uid', values.integer)?.toString() ?? null,
    account: fields.read('account', values.word),
    state,
    stateFlags: flags,
    stateReason: fields.read('stateReason', values.reason),
    exitCode: fields.read('exitCode', (value) => values.exitCode(value, { state, phase })),
    timeLimit,
    submitTime: fields.read('submitTime', values.time),
    eligibleTime: fields.read('eligibleTime', values.time),
    startTime: neverStarted ? null : startTime,
    endTime,
    partition: fields.read('partition', values.word),
    qos: fields.read('qos', values.word),
    nodes,
    nodeCount: positive(fields.read('nodeCount', values.integer)) ?? countOf('node', tresAllocated, tresRequested),
    cpus: positive(fields.read('cpus', values.integer)) ?? countOf('cpu', tresAllocated, tresRequested),
    priority: fields.read('priority', values.integer),
    restartCount: fields.read('restartCount', values.integer),
    tresRequested,
    tresAllocated,
    reservation: fields.read('reservation', (value) => reservationName(value, values)),
    dependency: fields.read('dependency', values.word),
    comment: fields.read('comment', values.freeText),
    command: fields.read('command', values.word),
    workDir: fields.read('workDir', values.word),
    stdout,
    // A batch job without a file of its own for errors writes them to its output; some sources then leave this empty.
    stderr: path('stderr') ?? stdout,
    stdin: path('stdin'),
  };
}

/** sacct has words for a job without nodes. */
function nodeList(value: unknown): string | null {
  const text = slurmText(value);
  return text === 'None assigned' || text === '(null)' ? null : text;
}

/** 22.05's sacct prints the address of the name as a number (`resv_name` is a UINT32 in its parse.c): no name. */
function reservationName(value: unknown, values: JobValues): string | null {
  return typeof value === 'number' ? null : values.word(value);
}

/** 0 nodes or CPUs is "none allocated yet" in sacct, not how many there are. */
function positive(count: number | null): number | null {
  return count === 0 ? null : count;
}

function countOf(resource: 'cpu' | 'node', allocated: string | null, requested: string | null): number | null {
  return tresCount(allocated, resource) ?? tresCount(requested, resource);
}
