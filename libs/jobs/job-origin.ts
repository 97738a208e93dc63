/**
 * Where a record of a job comes from: slurmctld, which knows what is so now; accounting, which knows how it ended; or an
 * import, which is taken at its word.
 */
export type JobOrigin = 'controller' | 'accounting' | 'import';

/** What was read from a cluster. */
export type ReadingOrigin = Exclude<JobOrigin, 'import'>;
