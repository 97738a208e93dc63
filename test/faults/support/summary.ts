import type { Promises } from './promises.ts';
import type { Load } from './load.ts';

/** What is promised whatever is broken. */
export async function noteLoad(promises: Promises, load: Load, leeway: number): Promise<void> {
  const { tally, acknowledged } = load;
  const { good, unchanged, wrong, unavailable, unforeseen, cut, gone } = tally;
  await promises.note(
    'no acknowledged write is lost, no answer is wrong, cut lists do not look whole, a 304 only where nothing changed',
    `${acknowledged} writes acknowledged, ${good} good answers (${unchanged} of them 304), ${cut} cut, ${wrong} wrong`,
    wrong === 0 && acknowledged > 0,
  );
  await promises.note(
    'what cannot be answered is 503 with Retry-After, within 5 s',
    `${unavailable} times, the slowest after ${seconds(tally.slowestRefusalMs)}; ${gone} connections refused or broken while the API was away` +
      (unforeseen === 0 ? '' : `; ${unforeseen} of them while nothing was broken on purpose`),
    tally.slowestRefusalMs < MOST_REFUSAL_MS * leeway,
  );
}

const MOST_REFUSAL_MS = 5_000;

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

export function medianAndWorst(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return `median ${seconds(median)}, worst ${seconds(sorted.at(-1) ?? Number.NaN)} of ${times.length}`;
}
