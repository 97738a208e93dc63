/** What the embedded database and the API take to start on a machine that does nothing else, generously. */
const IDLE_START_MS = 3_000;

/** How much slower than an idle machine this one is: others may work on it too. @param startMs of a first start */
export function slownessOf(startMs: number): number {
  return Math.max(1, startMs / IDLE_START_MS);
}

export function slownessText(slowness: number): string {
  return slowness === 1 ? '' : `, on a machine that is busy: ${slowness.toFixed(1)} × allowed`;
}
