import { campaign } from './campaign.ts';

/** What the embedded database and the API take to start on a machine that does nothing else, generously. */
const IDLE_START_MS = 3_000;
/** The short form is for machines that others work on at any moment. */
const SHORT_FORM = 4;

/** How many times what is promised all may take here. @param startMs of a first start, which tells how slow this machine is */
export function leewayOf(startMs: number): number {
  return Math.max(1, startMs / IDLE_START_MS) * (campaign().short ? SHORT_FORM : 1);
}

export function leewayText(leeway: number): string {
  return leeway === 1 ? '' : `, ${leeway.toFixed(1)} × as long allowed`;
}
