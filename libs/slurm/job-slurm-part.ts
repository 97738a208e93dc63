import { isoTime } from './iso-time.js';
import type { JobRecord } from './job-record.js';
import type { ClusterDescription, SlurmValue } from './slurm-part.js';

/**
 * The job's `slurm` dict: first the fields of the REST documentation's examples in their order, then further ones. Every field is
 * always there: `resv_name`, which only one of the two examples has, is null for a job without a reservation.
 * A time that Slurm does not know is `"Unknown"`; forecasts are times like any other, as in the documentation's running job.
 */
export function jobToSlurmPart(record: JobRecord, cluster: ClusterDescription): Record<string, SlurmValue> {
  const time = (epochSeconds: number | null): string =>
    epochSeconds === null ? 'Unknown' : isoTime(epochSeconds, cluster.timeZone);
  return {
    job_id: record.jobId,
    name: record.name,
    [cluster.accountKind === 'mila' ? 'mila_cluster_username' : 'cc_account_username']: record.userName,
    uid: record.uid,
    account: record.account,
    job_state: record.state,
    exit_code: record.exitCode,
    time_limit: record.timeLimit,
    submit_time: time(record.submitTime),
    start_time: time(record.startTime),
    end_time: time(record.endTime),
    partition: record.partition,
    nodes: record.nodes,
    resv_name: record.reservation,
    command: record.command,
    work_dir: record.workDir,
    stderr: record.stderr,
    stdin: record.stdin,
    stdout: record.stdout,
    cluster_name: cluster.name,

    array_job_id: record.arrayJobId,
    array_task_id: record.arrayTaskId,
    array_task_string: record.arrayTaskString,
    het_job_id: record.hetJobId,
    het_job_offset: record.hetJobOffset,
    eligible_time: time(record.eligibleTime),
    state_flags: [...record.stateFlags],
    state_reason: record.stateReason,
    restart_count: record.restartCount,
    qos: record.qos,
    priority: record.priority,
    num_nodes: record.nodeCount,
    num_cpus: record.cpus,
    tres_requested: record.tresRequested,
    tres_allocated: record.tresAllocated,
    dependency: record.dependency,
    comment: record.comment,
  };
}
