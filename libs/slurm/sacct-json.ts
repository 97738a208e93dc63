import { type JobPaths, readJob } from './job-json.js';
import type { JobRecord } from './job-record.js';
import type { Reading } from './reading.js';
import { readDocument } from './slurm-document.js';

/** The `jobs[]` of slurmdbd's JSON. */
const SACCT_PATHS: JobPaths = {
  clusterName: ['cluster'],
  jobId: ['job_id'],
  arrayJobId: ['array.job_id'],
  arrayTaskId: ['array.task_id'],
  arrayTaskString: ['array.task'],
  arrayTaskLimit: ['array.limits.max.running.tasks'],
  hetJobId: ['het.job_id'],
  hetJobOffset: ['het.job_offset'],
  name: ['name'],
  userName: ['user'],
  uid: [],
  account: ['account'],
  state: ['state.current'],
  stateReason: ['state.reason'],
  exitCode: ['exit_code'],
  timeLimit: ['time.limit'],
  submitTime: ['time.submission'],
  eligibleTime: ['time.eligible'],
  startTime: ['time.start'],
  endTime: ['time.end'],
  partition: ['partition'],
  qos: ['qos'],
  nodes: ['nodes'],
  nodeCount: ['allocation_nodes'],
  // `required.CPUs` is what was asked for; what was given is in the TRES.
  cpus: [],
  priority: ['priority'],
  // From 24.11 on.
  restartCount: ['restart_cnt'],
  tresRequested: ['tres.requested'],
  tresAllocated: ['tres.allocated'],
  reservation: ['reservation.name'],
  dependency: [],
  comment: ['comment.job'],
  command: [],
  workDir: ['working_directory'],
  // From 24.11 on; `stdout` and its like are the patterns.
  stdout: ['stdout_expanded'],
  stderr: ['stderr_expanded'],
  stdin: ['stdin_expanded'],
};

/**
 * The jobs that accounting knows, from `sacct --json`, without their steps. It leaves out jobs that were never eligible.
 * Throws SlurmFormatError where the text is no such document.
 */
export function readSacctJson(text: string): Reading<JobRecord> {
  return readDocument(text, {
    command: 'sacct --json',
    list: 'jobs',
    idMember: 'job_id',
    read: (record) => readJob(record, SACCT_PATHS),
  });
}
