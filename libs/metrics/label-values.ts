/** What stands for the values beyond the bound. */
export const OTHERS = '(others)';

const MOST_CHARACTERS = 64;

/**
 * Bounds how many values a label takes, whatever a database holds: those with the highest count keep their names, all others
 * are one. A name that is longer than any of Slurm's counts among the others.
 * @param counts how often each value is there
 * @returns the label to show for a value
 */
export function boundedLabels(counts: ReadonlyMap<string, number>, most: number): (value: string) => string {
  const kept = new Set(
    [...counts]
      .filter(([value]) => value.length <= MOST_CHARACTERS)
      // Equal counts by name, so that the same ones are kept each time.
      .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([value]) => value),
  );
  return (value) => (kept.has(value) ? value : OTHERS);
}
