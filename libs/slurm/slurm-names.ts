import type { NodePaths } from './read-node.js';
import type { JobPaths } from './read-job.js';

/**
 * Under which names each way of asking Slurm has the fields of a record: all that the versions name differently is in this file.
 * Several names are one field's in several versions, the first that is there counts; none: that way does not have the field.
 *
 * Checked against what 22.05.8, 24.11.5 and 26.05 print, and named as in Slurm's sources: `src/plugins/openapi/v0.0.3x` and
 * `dbv0.0.3x` (22.05), `src/plugins/data_parser/v0.0.4x/parsers.c` (later), `src/api/job_info.c` and `node_info.c` (scontrol's
 * text), `src/sacct/sacct.c` (columns). The shapes that differ are known by the functions that read a value:
 *
 * | What              | 22.05                                | from 23.02 on                          | Read in         |
 * | ----------------- | ------------------------------------ | -------------------------------------- | --------------- |
 * | numbers           | plain, null                          | `{set, infinite, number}`, some plain  | slurm-number.ts |
 * | unknown times     | 0                                    | 0 that is `set`                        | slurm-number.ts |
 * | states            | `"RUNNING"`, nodes with a flags list | `["FAILED", "COMPLETING"]`             | slurm-text.ts   |
 * | exit codes        | wait status; sacct `{status, …}`     | `{status: […], return_code, signal}`   | exit-code.ts    |
 * | trackable resources | text; sacct a list                 | the same                               | tres-text.ts    |
 * | waiting tasks     | `2-9%2`; sacct's JSON a bitmap       | the same                               | array-tasks.ts  |
 * | features          | `"a,b"`                              | `["a", "b"]`                           | slurm-text.ts   |
 * | envelope          | `meta.Slurm`, no name of the cluster | `meta.slurm`, `warnings`               | json-reader.ts  |
 */

/** `jobs[]` of `squeue --json`, `scontrol show job --json` and slurmrestd's `slurm/v0.0.N/jobs`. */
export const CONTROLLER_JSON: JobPaths = {
  clusterName: ['cluster'],
  jobId: ['job_id'],
  databaseIndex: [],
  // From 26.05 on.
  sluid: ['step_id.sluid'],
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
  // From 26.05 on `standard_output` is the pattern, and `stdout_expanded` what it comes to.
  stdout: ['stdout_expanded', 'standard_output'],
  stderr: ['stderr_expanded', 'standard_error'],
  stdin: ['stdin_expanded', 'standard_input'],
};

/** `jobs[]` of `sacct --json` and slurmrestd's `slurmdb/v0.0.N/jobs`. */
export const ACCOUNTING_JSON: JobPaths = {
  clusterName: ['cluster'],
  jobId: ['job_id'],
  databaseIndex: [],
  // From 26.05 on.
  sluid: ['sluid'],
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

/** The names in `scontrol show job`. */
export const CONTROLLER_TEXT: JobPaths = {
  clusterName: [],
  jobId: ['JobId'],
  databaseIndex: [],
  // 26.05 prints it with `-d`, but where a name with a line break could have it too.
  sluid: [],
  arrayJobId: ['ArrayJobId'],
  // `ArrayTaskId` is a number or the tasks that wait: scontrol-job-text.ts gives the latter a name of their own.
  arrayTaskId: ['ArrayTaskId'],
  arrayTaskString: ['ArrayTaskId of waiting tasks'],
  arrayTaskLimit: [],
  hetJobId: ['HetJobId'],
  hetJobOffset: ['HetJobOffset'],
  name: ['JobName'],
  userName: ['UserId'],
  uid: ['UserId number'],
  account: ['Account'],
  state: ['JobState'],
  stateReason: ['Reason'],
  exitCode: ['ExitCode'],
  timeLimit: ['TimeLimit'],
  submitTime: ['SubmitTime'],
  eligibleTime: ['EligibleTime'],
  startTime: ['StartTime'],
  endTime: ['EndTime'],
  partition: ['Partition'],
  qos: ['QOS'],
  nodes: ['NodeList'],
  nodeCount: ['NumNodes'],
  cpus: ['NumCPUs'],
  priority: ['Priority'],
  restartCount: ['Restarts'],
  // 22.05 has one `TRES`, which is what was given once there is any: scontrol-job-text.ts tells.
  tresRequested: ['ReqTRES'],
  tresAllocated: ['AllocTRES'],
  reservation: ['Reservation'],
  dependency: ['Dependency'],
  comment: ['Comment'],
  command: ['Command'],
  workDir: ['WorkDir'],
  stdout: ['StdOut'],
  stderr: ['StdErr'],
  stdin: ['StdIn'],
};

/** The columns of `sacct -P`. `Restarts` and `SLUID` are newer than 22.05. */
export const ACCOUNTING_TEXT: JobPaths = {
  clusterName: ['Cluster'],
  jobId: ['JobIDRaw'],
  databaseIndex: ['DBIndex'],
  sluid: ['SLUID'],
  // Out of `JobID`, which is `19_6`, `19_[7-9]`, `33+1`: sacct-text.ts.
  arrayJobId: ['JobID of array'],
  arrayTaskId: ['JobID of task'],
  arrayTaskString: ['JobID of waiting tasks'],
  arrayTaskLimit: [],
  hetJobId: ['JobID of heterogeneous job'],
  hetJobOffset: ['JobID of component'],
  name: ['JobName'],
  userName: ['User'],
  uid: ['UID'],
  account: ['Account'],
  state: ['State'],
  stateReason: ['Reason'],
  exitCode: ['ExitCode'],
  timeLimit: ['Timelimit'],
  submitTime: ['Submit'],
  eligibleTime: ['Eligible'],
  startTime: ['Start'],
  endTime: ['End'],
  partition: ['Partition'],
  qos: ['QOS'],
  nodes: ['NodeList'],
  nodeCount: ['AllocNodes'],
  // `AllocCPUS` of a job that waits is 0 or what it asked for, by version; the TRES are clear.
  cpus: [],
  priority: ['Priority'],
  restartCount: ['Restarts'],
  tresRequested: ['ReqTRES'],
  tresAllocated: ['AllocTRES'],
  reservation: ['Reservation'],
  dependency: [],
  comment: ['Comment'],
  command: [],
  workDir: ['WorkDir'],
  // The columns of 24.11 and later are the patterns.
  stdout: [],
  stderr: [],
  stdin: [],
};

/** `nodes[]` of 22.05's `sinfo --json`, later `scontrol show node --json`, and slurmrestd's `slurm/v0.0.N/nodes`. */
export const NODE_JSON: NodePaths = {
  name: ['name'],
  arch: ['architecture'],
  features: ['features'],
  gres: ['gres'],
  gresUsed: ['gres_used'],
  addr: ['address'],
  memory: ['real_memory'],
  allocMemory: ['alloc_memory'],
  cpus: ['cpus'],
  allocCpus: ['alloc_cpus'],
  state: ['state'],
  // 22.05 alone; later the flags stand in the list of the state.
  stateFlags: ['state_flags'],
  cfgTres: ['tres'],
  allocTres: ['tres_used'],
  comment: ['comment'],
  reason: ['reason'],
  partitions: ['partitions'],
};

/** The names in `scontrol show node`. */
export const NODE_TEXT: NodePaths = {
  name: ['NodeName'],
  arch: ['Arch'],
  features: ['AvailableFeatures'],
  gres: ['Gres'],
  // With `-d` alone.
  gresUsed: ['GresUsed'],
  addr: ['NodeAddr'],
  memory: ['RealMemory'],
  allocMemory: ['AllocMem'],
  cpus: ['CPUTot'],
  allocCpus: ['CPUAlloc'],
  state: ['State'],
  stateFlags: [],
  cfgTres: ['CfgTRES'],
  allocTres: ['AllocTRES'],
  comment: ['Comment'],
  reason: ['Reason'],
  partitions: ['Partitions'],
};
