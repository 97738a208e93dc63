/** Of several rounds: the middle one, and how far apart they were. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws where there is no sample: a figure is measured, or says why it is not */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error('nothing was measured');
  const upper = sorted[Math.floor(sorted.length / 2)] ?? max;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? min;
  return { median: (lower + upper) / 2, min, max };
}

export function median(samples: readonly number[]): number {
  return spreadOf(samples).median;
}

/** Round by round, since what slows a machine for a while slows both sides of a ratio. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  if (numerators.length !== denominators.length) throw new Error('the two sides have not been measured as often');
  return numerators.map((numerator, round) => numerator / (denominators[round] ?? NaN));
}
