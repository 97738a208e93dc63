import { arrayTaskText } from './array-tasks.js';
import { slurmExitCode } from './exit-code.js';
import type { JobRecord } from './job-record.js';
import { jobPhase, parseJobState } from './job-state.js';
import { type FieldPaths, RecordFields } from './record-fields.js';
import { slurmId, slurmInteger, slurmMinutes, slurmTime } from './slurm-number.js';
import { slurmText, slurmWords } from './slurm-text.js';
import { tresCount, tresText } from './tres-text.js';

/** The flags come with the state, and sacct keeps how many tasks may run at once apart from the tasks. */
export type JobPaths = FieldPaths<Exclude<keyof JobRecord, 'stateFlags'> | 'arrayTaskLimit'>;

/** NO_VAL, which Slurm puts into a path where the number of a task belongs that has none yet. */
const NO_TASK = '4294967294';

/**
 * One job from JSON. Where a source keeps what is in its table of paths; the shapes that a value has in any version are known by
 * the functions that read it. Hence there is no question about versions here.
 */
export function readJob(record: unknown, paths: JobPaths): JobRecord {
  const fields = new RecordFields(record, paths);
  const jobId = fields.need('jobId', slurmId);
  const { state, flags } = fields.need('state', (value) => {
    const parsed = parseJobState(slurmWords(value));
    return parsed.state === '' ? null : parsed;
  });
  const { phase } = jobPhase(state, flags);

  const arrayJobId = fields.read('arrayJobId', slurmId);
  const arrayTaskId = fields.read('arrayTaskId', slurmInteger);
  const waitingTasks = arrayJobId !== null && arrayTaskId === null;
  const hetJobId = fields.read('hetJobId', slurmId);

  const nodes = fields.read('nodes', nodeList);
  const startTime = fields.read('startTime', slurmTime);
  const timeLimit = fields.read('timeLimit', slurmMinutes);
  const printedEnd = fields.read('endTime', slurmTime);
  // To a job without a limit the JSON gives 365 days. Slurm's text says Unknown, and that is the truth.
  const forecast = phase === 'pending' || phase === 'running';
  const endTime = forecast && timeLimit === null ? null : printedEnd;
  // Slurm sets the start of a job that was cancelled or expired while it waited to its end.
  const neverStarted = phase === 'finished' && nodes === null && startTime === endTime;

  const tresRequested = fields.read('tresRequested', tresText);
  const tresAllocated = fields.read('tresAllocated', tresText);
  const path = (field: 'stdout' | 'stderr' | 'stdin'): string | null => {
    const text = fields.read(field, slurmText);
    return waitingTasks && text?.includes(NO_TASK) === true ? null : text;
  };

  return {
    clusterName: fields.read('clusterName', slurmText),
    jobId,
    arrayJobId,
    arrayTaskId,
    arrayTaskString: fields.read('arrayTaskString', (value) =>
      arrayTaskText(value, fields.read('arrayTaskLimit', slurmInteger)),
    ),
    hetJobId,
    hetJobOffset: hetJobId === null ? null : fields.read('hetJobOffset', slurmInteger),
    name: fields.read('name', slurmText) ?? '',
    userName: fields.read('userName', slurmText),
    uid: fields.read('uid', slurmInteger)?.toString() ?? null,
    account: fields.read('account', slurmText),
    state,
    stateFlags: flags,
    stateReason: fields.read('stateReason', slurmText),
    exitCode: fields.read('exitCode', (value) => slurmExitCode(value, { state, phase })),
    timeLimit,
    submitTime: fields.read('submitTime', slurmTime),
    eligibleTime: fields.read('eligibleTime', slurmTime),
    startTime: neverStarted ? null : startTime,
    endTime,
    partition: fields.read('partition', slurmText),
    qos: fields.read('qos', slurmText),
    nodes,
    nodeCount: positive(fields.read('nodeCount', slurmInteger)) ?? countOf('node', tresAllocated, tresRequested),
    cpus: positive(fields.read('cpus', slurmInteger)) ?? countOf('cpu', tresAllocated, tresRequested),
    priority: fields.read('priority', slurmInteger),
    restartCount: fields.read('restartCount', slurmInteger),
    tresRequested,
    tresAllocated,
    reservation: fields.read('reservation', reservationName),
    dependency: fields.read('dependency', slurmText),
    comment: fields.read('comment', slurmText),
    command: fields.read('command', slurmText),
    workDir: fields.read('workDir', slurmText),
    stdout: path('stdout'),
    stderr: path('stderr'),
    stdin: path('stdin'),
  };
}

/** sacct has words for a job without nodes. */
function nodeList(value: unknown): string | null {
  const text = slurmText(value);
  return text === 'None assigned' ? null : text;
}

/** 22.05's sacct prints the address of the name as a number (`resv_name` is a UINT32 in its parse.c): no name. */
function reservationName(value: unknown): string | null {
  return typeof value === 'number' ? null : slurmText(value);
}

/** 0 nodes or CPUs is "none allocated yet" in sacct, not how many there are. */
function positive(count: number | null): number | null {
  return count === 0 ? null : count;
}

function countOf(resource: 'cpu' | 'node', allocated: string | null, requested: string | null): number | null {
  return tresCount(allocated, resource) ?? tresCount(requested, resource);
}
