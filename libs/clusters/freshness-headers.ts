import type { HeaderDocumentation } from '#libs/common';
import type { ClusterReadings } from './known-readings.service.js';

/** What an answer shows of clusters, by the reading that it rests on. */
export type Shown = 'jobs' | 'nodes';

export const OBSERVED_AT = 'Clockwork-Observed-At';
export const STALE = 'Clockwork-Stale';

/** A cluster is stale that has not been read for so many of its intervals. */
const STALE_INTERVALS = 3;
/** Well below what clients take: names are of any alphabet, and escapes make them three times as long. */
const MOST_STALE_CHARACTERS = 4_096;

/** For an operation's description. */
export const FRESHNESS_HEADERS: HeaderDocumentation = {
  [OBSERVED_AT]: {
    description:
      'When Slurm told what this shows, ISO 8601 in UTC: of several clusters the oldest. Absent where none of them is read by the collector.',
    schema: { type: 'string' },
  },
  [STALE]: {
    description:
      'The clusters among them that have not been read for three of their intervals, comma-separated; what is not visible ASCII, and `%`, is percent-encoded. Absent where there is none.',
    schema: { type: 'string' },
  },
};

/** @param now milliseconds since 1970 */
export function isStale(observedAt: number, intervalMs: number, now: number): boolean {
  return now - observedAt > STALE_INTERVALS * intervalMs;
}

/** Since when one that is stale has been so. */
export function staleSince(observedAt: Date, intervalMs: number): Date {
  return new Date(observedAt.getTime() + STALE_INTERVALS * intervalMs);
}

/** The headers of an answer that shows these clusters. */
export function freshnessHeaders(
  clusters: readonly ClusterReadings[],
  shown: Shown,
  now: number,
): Partial<Record<typeof OBSERVED_AT | typeof STALE, string>> {
  let oldest = Number.POSITIVE_INFINITY;
  const stale: string[] = [];
  for (const cluster of clusters) {
    const observedAt = cluster[shown];
    if (observedAt === null) continue;
    oldest = Math.min(oldest, observedAt);
    if (isStale(observedAt, cluster.intervalMs, now)) stale.push(cluster.name);
  }
  if (oldest === Number.POSITIVE_INFINITY) return {};
  const observed = { [OBSERVED_AT]: new Date(oldest).toISOString() };
  return stale.length === 0 ? observed : { ...observed, [STALE]: listOf(stale) };
}

/** As many names as there is room for. */
function listOf(names: readonly string[]): string {
  let list = '';
  for (const name of names.map(encoded).sort()) {
    if (list.length + name.length > MOST_STALE_CHARACTERS && list !== '') break;
    list += list === '' ? name : `, ${name}`;
  }
  return list;
}

/** A header holds ASCII alone, and a list of it ends an item at a comma, which names do not have. */
function encoded(name: string): string {
  return name.replaceAll(/[^\x21-\x7e]+|%/gu, (text) => encodeURIComponent(text.toWellFormed()));
}
