/** What the embedded database and the API take to start on a machine that does nothing else, generously. */
const IDLE_START_MS = 3_000;
/** A machine that was idle at the start may be busy a moment later. That the times hold on an idle one, `npm run test:faults` shows. */
const LEAST = 3;

/** How many times what is promised all may take here. @param startMs of a first start, which tells how slow this machine is */
export function leewayOf(startMs: number, idleStartMs = IDLE_START_MS): number {
  return Math.max(LEAST, startMs / idleStartMs);
}
