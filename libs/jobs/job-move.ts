import type { PageCursor } from '#libs/lists';
import type { JobMove } from './job.schema.js';

/** What of a job's place in the list never changes. */
export interface Placed {
  cluster: string;
  jobNumber: bigint;
}

/**
 * The move by which a job came from behind the end of a page to before it, after the page was read: at most one, since
 * moves go to the front alone.
 * @returns its number, or null where there is none
 */
export function movePast(moves: readonly JobMove[], place: Placed, page: PageCursor): number | null {
  const [submitted, cluster, jobNumber] = page.position;
  const end = { submitted: timeOf(submitted), cluster: String(cluster), jobNumber: BigInt(String(jobNumber)) };
  const crossing = moves.find(
    ({ number, from, to }) =>
      number > page.move && isBehind(timeOf(from), place, end) && !isBehind(timeOf(to), place, end),
  );
  return crossing?.number ?? null;
}

/** Whether a job submitted then stands behind an end: newest first, unknown last, then by cluster and number. */
function isBehind(submitted: number, place: Placed, end: Placed & { submitted: number }): boolean {
  if (submitted !== end.submitted) return submitted < end.submitted;
  // MongoDB compares strings by their UTF-8 bytes.
  const order = Buffer.compare(Buffer.from(place.cluster), Buffer.from(end.cluster));
  return order === 0 ? place.jobNumber > end.jobNumber : order > 0;
}

function timeOf(submitted: unknown): number {
  return submitted instanceof Date ? submitted.getTime() : Number.NEGATIVE_INFINITY;
}
