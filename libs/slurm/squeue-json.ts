import { type JobPaths, readJob } from './job-json.js';
import type { JobRecord } from './job-record.js';
import type { Reading } from './reading.js';
import { readDocument } from './slurm-document.js';

/** The `jobs[]` of slurmctld's JSON. */
const SQUEUE_PATHS: JobPaths = {
  clusterName: ['cluster'],
  jobId: ['job_id'],
  arrayJobId: ['array_job_id'],
  arrayTaskId: ['array_task_id'],
  arrayTaskString: ['array_task_string'],
  arrayTaskLimit: [],
  hetJobId: ['het_job_id'],
  hetJobOffset: ['het_job_offset'],
  name: ['name'],
  userName: ['user_name'],
  uid: ['user_id'],
  account: ['account'],
  state: ['job_state'],
  stateReason: ['state_reason'],
  exitCode: ['exit_code'],
  timeLimit: ['time_limit'],
  submitTime: ['submit_time'],
  eligibleTime: ['eligible_time'],
  startTime: ['start_time'],
  endTime: ['end_time'],
  partition: ['partition'],
  qos: ['qos'],
  nodes: ['nodes'],
  nodeCount: ['node_count'],
  cpus: ['cpus'],
  priority: ['priority'],
  restartCount: ['restart_cnt'],
  tresRequested: ['tres_req_str'],
  tresAllocated: ['tres_alloc_str'],
  reservation: ['resv_name'],
  dependency: ['dependency'],
  comment: ['comment'],
  command: ['command'],
  workDir: ['current_working_directory'],
  stdout: ['standard_output'],
  stderr: ['standard_error'],
  stdin: ['standard_input'],
};

/**
 * The jobs that slurmctld knows, from `squeue --json`: in 22.05 also those that ended within the last MinJobAge seconds.
 * Throws SlurmFormatError where the text is no such document.
 */
export function readSqueueJson(text: string): Reading<JobRecord> {
  return readDocument(text, {
    command: 'squeue --json',
    list: 'jobs',
    idMember: 'job_id',
    read: (record) => readJob(record, SQUEUE_PATHS),
  });
}
