/** What tells two records of one cluster and job id apart, or says that they are of one job. */
export interface JobIdentity {
  /** Milliseconds since 1970; null where the source does not know. */
  submitted: number | null;
  /** How often Slurm has requeued it; null where the source does not tell. */
  restarts: number | null;
  /** Unix user id; null where the source does not tell. */
  uid: string | null;
  /** The array or heterogeneous job that it is part of: null where it is none, absent where the source does not tell. */
  arrayJobId?: string | null | undefined;
  hetJobId?: string | null | undefined;
  hetJobOffset?: number | null | undefined;
  /** Null also for the record of all tasks that still wait, which is that of the last one in the end. */
  arrayTaskId?: number | null | undefined;
  workDir?: string | null | undefined;
  /** Accounting's number of the record, one for each attempt; older ones count rows, and anew in a new database. */
  databaseIndex?: string | null;
  /** One for each attempt, never given twice. */
  sluid?: string | null;
}

/**
 * - `same`: the same job and attempt
 * - `requeued`: the same job, in a later attempt
 * - `successor`: another job, to which Slurm gave the id anew
 * - `outdated`: an old record, of an earlier attempt or job: it changes nothing
 */
export type JobRelation = 'same' | 'requeued' | 'successor' | 'outdated';

/**
 * What a record that comes in is to the job on file. A requeue gives a job a new submit time and raises its restart
 * count; a job id issued anew comes with a later submit time and no higher count, or for another user, who cannot
 * become the owner of another's job. In doubt it is another job: no dict ever lands on a job that is not its own.
 */
export function relationTo(onFile: JobIdentity, incoming: JobIdentity): JobRelation {
  if (isEqualAndKnown(onFile.sluid, incoming.sluid)) return 'same';
  const later = laterBy(onFile.submitted, incoming.submitted);
  if (later === 0) return 'same';
  if (later !== null && later < 0) return 'outdated';
  if (onFile.uid !== null && incoming.uid !== null && onFile.uid !== incoming.uid) return 'successor';
  // Where a time is not known, nothing is later or earlier.
  if (later === null) return 'same';
  const restarted = onFile.restarts !== null && incoming.restarts !== null && incoming.restarts > onFile.restarts;
  return restarted && canBeRequeueOf(onFile, incoming) ? 'requeued' : 'successor';
}

function laterBy(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

function isEqualAndKnown(one: string | null | undefined, other: string | null | undefined): boolean {
  return typeof one === 'string' && one === other;
}

/**
 * Whether nothing speaks against it that a requeue leaves as it is. A name, an account and so on may be changed while a job
 * waits (`scontrol update`); a directory too, hardly ever, and then the dict goes to the archive rather than to another job.
 */
function canBeRequeueOf(before: JobIdentity, after: JobIdentity): boolean {
  const isOther = <T>(one: T | undefined, other: T | undefined) =>
    one !== undefined && other !== undefined && one !== other;
  const known = <T>(value: T | null | undefined) => value ?? undefined;
  // The last task of an array to start takes the record of those that wait.
  const wasWaitingTasks = typeof before.arrayJobId === 'string' && before.arrayTaskId === null;
  return !(
    isOther(before.arrayJobId, after.arrayJobId) ||
    (!wasWaitingTasks && isOther(before.arrayTaskId, after.arrayTaskId)) ||
    isOther(before.hetJobId, after.hetJobId) ||
    isOther(before.hetJobOffset, after.hetJobOffset) ||
    isOther(known(before.workDir), known(after.workDir)) ||
    // Each attempt has a number of its own.
    isEqualAndKnown(before.databaseIndex, after.databaseIndex)
  );
}
