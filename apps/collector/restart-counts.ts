import type { JobRecord } from '#libs/slurm';

/** More jobs of one answer are not told apart, and keep a restart count that is not known. */
const MOST_JOBS = 200_000;
/** Between the end of a run that was requeued and the submit time of the next, which slurmctld takes one after the other. */
const MOST_SECONDS_APART = 1;
/** What accounting calls a run that was followed by a requeue (seen in 22.05: `scontrol requeue`, a node lost, preemption). */
const ENDS_IN_REQUEUE = new Set(['REQUEUED', 'NODE_FAIL', 'PREEMPTED']);

type Run = Pick<JobRecord, 'submitTime' | 'endTime' | 'state' | 'stateFlags' | 'restartCount'>;

/**
 * Accounting of 22.05 has no restart counts, but all runs of a job, the older before the newer: one that ended in a requeue
 * at the moment at which the next was submitted is a run of the same job. For the runs of one answer, in its order.
 */
export class RestartCounts {
  private readonly lastRuns = new Map<string, Run>();

  /** @param isWhole whether the answer has every run of its jobs: then the first one has not been requeued */
  constructor(private readonly isWhole: boolean) {}

  /** The record with its restart count, where that can be told. */
  told(record: JobRecord): JobRecord {
    if (record.restartCount !== null) return record;
    const before = this.lastRuns.get(record.jobId);
    if (before === undefined && this.lastRuns.size >= MOST_JOBS) return record;
    const told = { ...record, restartCount: this.countAfter(before, record) };
    this.lastRuns.set(record.jobId, told);
    return told;
  }

  private countAfter(before: Run | undefined, run: Run): number | null {
    if (before === undefined) return this.isWhole ? 0 : null;
    if (!isRequeueOf(before, run)) return 0;
    return before.restartCount === null ? null : before.restartCount + 1;
  }
}

function isRequeueOf(before: Run, run: Run): boolean {
  if (before.endTime === null || run.submitTime === null) return false;
  if (Math.abs(run.submitTime - before.endTime) > MOST_SECONDS_APART) return false;
  return [before.state, ...before.stateFlags].some((name) => ENDS_IN_REQUEUE.has(name));
}
