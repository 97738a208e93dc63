import type { JobPhase } from './job-state.js';

/**
 * How a source writes the values of a job: JSON and text do it differently. Each function throws WrongShape where the value is of
 * no shape that any version has, and takes an absent value (undefined) for null.
 */
export interface JobValues {
  /** Digits; null for none, which JSON writes as 0. */
  id: (value: unknown) => string | null;
  /** Whole and not negative. */
  integer: (value: unknown) => number | null;
  /** Digits that may be too many for a number. */
  digits: (value: unknown) => string | null;
  /** Epoch seconds. */
  time: (value: unknown) => number | null;
  /** A limit in seconds; null is unlimited or unknown. */
  limit: (value: unknown) => number | null;
  /** A name that Slurm or its administrator gave, or a path. */
  word: (value: unknown) => string | null;
  /** What the job's owner wrote, as it is. */
  freeText: (value: unknown) => string | null;
  /** The state and its flags. */
  states: (value: unknown) => readonly string[];
  reason: (value: unknown) => string | null;
  /** `return:signal` */
  exitCode: (value: unknown, job: { state: string; phase: JobPhase }) => string | null;
  tres: (value: unknown) => string | null;
}
