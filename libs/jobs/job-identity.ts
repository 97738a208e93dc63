/** What tells two records of one cluster and job id apart, or says that they are of one job. */
export interface JobIdentity {
  /** Milliseconds since 1970; null where the source does not know. */
  submitted: number | null;
  /** How often Slurm has requeued it; null where the source does not tell. */
  restarts: number | null;
  /** Unix user id; null where the source does not tell. */
  uid: string | null;
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
  const later = laterBy(onFile.submitted, incoming.submitted);
  if (later === 0) return 'same';
  if (later !== null && later < 0) return 'outdated';
  if (onFile.uid !== null && incoming.uid !== null && onFile.uid !== incoming.uid) return 'successor';
  // Where a time is not known, nothing is later or earlier.
  if (later === null) return 'same';
  const restarted = onFile.restarts !== null && incoming.restarts !== null && incoming.restarts > onFile.restarts;
  return restarted ? 'requeued' : 'successor';
}

function laterBy(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}
