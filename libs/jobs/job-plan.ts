import { identityOf, progressOf } from './job-document.js';
import { relationTo } from './job-identity.js';
import type { JobInput } from './job-input.js';
import { attemptOnFile, identityOnFile, type JobOnFile } from './job-on-file.js';
import type { JobOrigin } from './job-origin.js';
import { readingRelation } from './job-reading.js';
import { endOfAttempt, type JobUpdate, type NextRecord, nextRecord } from './job-update.js';

/**
 * What is to be done about a record of a job on file:
 * - `successor`: it is of another job, which takes the place of that on file
 * - `next`: it is the next record of the same job
 * - `attempt`: it tells how an earlier attempt of the same job ended
 */
export type JobPlan =
  | { kind: 'successor'; input: JobInput; present: JobOnFile }
  | { kind: 'next'; next: NextRecord; present: JobOnFile }
  | { kind: 'attempt'; update: JobUpdate };

/**
 * What is to be done about a record, or what became of it already. `unclear` is one of accounting's that has no restart
 * count: only all runs of its job together tell whether a later one is of the same job.
 * @param record with its content hash
 */
export function planOf(
  present: JobOnFile,
  record: { input: JobInput; hash: string },
  origin: JobOrigin,
): JobPlan | 'unchanged' | 'outdated' | 'unclear' {
  const { input } = record;
  const byIdentity = relationTo(identityOnFile(present), identityOf(input));
  if (byIdentity === 'outdated' && origin === 'accounting') {
    const update = endOfAttempt(present, input);
    return update === null ? 'outdated' : { kind: 'attempt', update };
  }
  const relation =
    origin === 'import' ? byIdentity : readingRelation(origin, byIdentity, attemptOnFile(present), progressOf(input));
  if (relation === 'outdated') return 'outdated';
  if (relation === 'successor') {
    if (origin === 'accounting' && identityOf(input).restarts === null) return 'unclear';
    return { kind: 'successor', input, present };
  }
  const next = nextRecord(present, { ...record, relation }, origin);
  if (origin === 'import' && next.hash === present.source.hash) return 'unchanged';
  return { kind: 'next', next, present };
}
