/**
 * What an input may take, of counting code on a busy machine. Whoever needs more than linear time is beyond it by far with the
 * longest inputs.
 */
const ANY_INPUT_MS = 200;
const MS_A_KIB = 10;
const TRIES = 3;

/** Why an input took too long, null where it did not. Its best time counts, without what others took of the processor. */
export function overspent(took: number, bytes: number, again: () => void): string | null {
  const allowed = ANY_INPUT_MS + (MS_A_KIB * bytes) / 1024;
  if (took <= allowed) return null;
  let best = Infinity;
  for (let count = 0; count < TRIES && best > allowed; count += 1) {
    const before = process.threadCpuUsage();
    again();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best <= allowed
    ? null
    : `Slow: ${bytes} bytes took ${best.toFixed(0)} ms of the processor, not ${allowed.toFixed(0)}`;
}
