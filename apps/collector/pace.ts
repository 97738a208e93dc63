/** Slurm is busy with our questions for at most this part of the time. */
const MOST_SHARE = 0.1;
/** Who did not answer may be overloaded, or not there at all: a wait has not been work. Each further failure halves it. */
const MOST_FAILING_SHARE = 0.5;
/** However long a cluster cannot be read, it is asked again after this at the latest. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** By how much a wait after a failure is drawn by lot, up and down, so that several clusters do not fail in step. */
const JITTER = 0.2;

/** What the last cycle was like. */
export interface CycleTimes {
  /** How long Slurm took over its answers. */
  askedMs: number;
  /** Cycles in a row that have failed; 0 after one that has not. */
  failures: number;
}

/**
 * How long after its beginning a cycle is followed by the next, in milliseconds: the interval; longer where Slurm is slow to
 * answer; doubled with each failure.
 * @param random from 0 to 1
 */
export function nextCycleIn(intervalMs: number, { askedMs, failures }: CycleTimes, random: number): number {
  if (failures === 0) return Math.max(intervalMs, askedMs / MOST_SHARE);
  const first = Math.max(intervalMs, askedMs / MOST_FAILING_SHARE);
  const cap = Math.max(LONGEST_WAIT_MS, intervalMs);
  const wait = Math.min(first * 2 ** Math.min(failures - 1, 20), cap);
  return wait * (1 + JITTER * (2 * random - 1));
}
