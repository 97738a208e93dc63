/**
 * One job as Slurm tells it, whatever version or command it came from. Slurm's `squeue` has one record for all tasks of an array
 * that still wait, and one for each task that started. In every field null is "Slurm does not say" unless another meaning is given.
 */
export interface JobRecord {
  /** The name that the cluster has in Slurm, which need not be the one that Clockwork knows it by. */
  clusterName: string | null;
  /** Slurm's own id, digits; for a task of an array not the one that its user knows (`ARRAYID_TASKID`). */
  jobId: string;
  /** Accounting's own number of this run of the job (DBIndex), digits; a requeue gets a new one. In `sacct -P` alone. */
  databaseIndex: string | null;
  /** Slurm's id of the job that is never given anew, unlike the job id. From 24.11 on in `sacct -P`, from 26.05 on elsewhere. */
  sluid: string | null;
  /** The array that this is a task of, or the waiting tasks of; null for a job that is no array. */
  arrayJobId: string | null;
  /** The task's number; null for a job that is no array, and for the record of the waiting tasks. */
  arrayTaskId: number | null;
  /** The waiting tasks, as squeue writes them (`2-9%2`: two at once); null for everything else. */
  arrayTaskString: string | null;
  /** The id of the heterogeneous job that this is a component of, that of its first component. */
  hetJobId: string | null;
  /** Which component, from 0; null for a job that is not heterogeneous. */
  hetJobOffset: number | null;
  /** As submitted: any text at all, empty where there is none. */
  name: string;
  /** The Unix account's name; null also where Slurm's host does not know the uid. */
  userName: string | null;
  /** The Unix account's number; sacct's JSON has none. */
  uid: string | null;
  /** The Slurm account that is charged. */
  account: string | null;
  /** The base state, upper case (`RUNNING`); a flag (`COMPLETING`) where the source shows that alone, as 22.05's squeue does. */
  state: string;
  /** What stands beside the state: `COMPLETING`, `SPECIAL_EXIT` … */
  stateFlags: string[];
  /** Slurm's word for why it waits or ended so, `None` where there is no reason. sacct and slurmctld often disagree about it. */
  stateReason: string | null;
  /**
   * `return:signal`: `3:0`, `0:15`. squeue and sacct disagree about some jobs (cancelled while running: `0:15`, `0:0`). Null in
   * 22.05's sacct for one that ended otherwise than COMPLETED without a signal: it prints 0 whatever the job returned.
   */
  exitCode: string | null;
  /** Seconds; null is unlimited, in sacct also "the partition's limit, which was never looked up". */
  timeLimit: number | null;
  /** Epoch seconds; a requeue sets it anew. */
  submitTime: number | null;
  /** Epoch seconds; null while it waits for a dependency, a release or an array's limit. */
  eligibleTime: number | null;
  /** Epoch seconds. For a pending job a forecast or its begin time; null for one that ended without ever having started. */
  startTime: number | null;
  /** Epoch seconds. For a job that has not ended a forecast, start and limit; null where it has no limit. */
  endTime: number | null;
  /** Several, comma-separated, for a job that waits for any of them. */
  partition: string | null;
  qos: string | null;
  /** Slurm's host list (`cn-a[001-002]`); null until nodes are allocated. */
  nodes: string | null;
  /** Allocated, before that requested. */
  nodeCount: number | null;
  /** Allocated, before that requested. */
  cpus: number | null;
  /** 0 is held, larger is sooner. */
  priority: number | null;
  /** How often it was requeued; 22.05's sacct does not tell. */
  restartCount: number | null;
  /** Trackable resources in one order whatever the source, e.g. `cpu=1,mem=100M,node=1,billing=1,gres/gpu=1`. */
  tresRequested: string | null;
  /** The same of what it was given; null until then. */
  tresAllocated: string | null;
  reservation: string | null;
  /** What it waits for or waited for: `afterok:238(unfulfilled)`. Not in sacct. */
  dependency: string | null;
  comment: string | null;
  /** The script's path. Empty in most of 22.05's squeue and not in sacct. */
  command: string | null;
  workDir: string | null;
  /** Paths, with `%` patterns where the version leaves them in; null for tasks that wait, whose number is not known yet. */
  stdout: string | null;
  /** The same as `stdout` where a batch job writes both to one file. */
  stderr: string | null;
  stdin: string | null;
}
