import type { Promised } from '../support/campaign.ts';

/** For a terminal: a promise a paragraph, since what was seen is a sentence. */
export function promisesTable(promises: readonly Promised[]): string {
  const width = Math.max(0, ...promises.map(({ scenario }) => scenario.length));
  const lines = promises.map(({ scenario, promise, seen, kept }) => {
    const indent = ' '.repeat(width + 11);
    return `${keptText(kept).padEnd(9)}  ${scenario.padEnd(width)}  ${promise}\n${indent}  → ${seen}`;
  });
  const counted = (wanted: boolean | null) => promises.filter(({ kept }) => kept === wanted).length;
  return `${[...lines, `${counted(true)} promises kept, ${counted(false)} broken, ${counted(null)} not tried`].join('\n')}\n`;
}

export function keptText(kept: boolean | null): string {
  if (kept === null) return 'not tried';
  return kept ? 'kept' : 'BROKEN';
}
