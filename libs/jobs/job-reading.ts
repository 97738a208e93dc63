import type { JobRelation } from './job-identity.js';
import type { ReadingOrigin } from './job-origin.js';

/** How far an attempt has come. */
export interface AttemptProgress {
  /** It has ended, and how is known. */
  ended: boolean;
  /** Slurm may still change it: it has not ended, or is being cleaned up after. */
  live: boolean;
}

export interface AttemptOnFile extends AttemptProgress {
  /** The controller does not show it any more. */
  vanished: boolean;
}

/**
 * What a reading is to the job on file, beyond what their identities say. The controller is right about what has not
 * ended, and its word of an end is taken as often as it comes; accounting is asked how something ended. Neither takes an
 * end back: a reading that does is an old one, which was on its way for long.
 */
export function readingRelation(
  origin: ReadingOrigin,
  relation: JobRelation,
  onFile: AttemptOnFile,
  incoming: AttemptProgress,
): JobRelation {
  if (origin === 'controller') {
    return relation === 'same' && onFile.ended && !incoming.ended ? 'outdated' : relation;
  }
  switch (relation) {
    case 'same':
      // The two disagree about some ends (exit codes): of one that is settled the first word stays.
      return incoming.ended && !(onFile.ended && !onFile.live) ? 'same' : 'outdated';
    case 'successor':
      // Where accounting has no restart count, a requeue looks like another job: while the controller has the job, it will
      // tell, with the count.
      return incoming.ended && !(onFile.live && !onFile.vanished) ? 'successor' : 'outdated';
    default:
      return relation;
  }
}
