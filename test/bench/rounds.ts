/** Takes one sample. */
export type Measurement = () => Promise<number>;

/**
 * Takes all measurements in turn (a, b, c, a, b, c, …), so that what slows the machine for a while slows each of them.
 * @param report told before each round
 */
export async function interleaved<Name extends string>(
  rounds: number,
  measurements: Record<Name, Measurement>,
  report: (round: number) => void,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries<Measurement>(measurements);
  const samples = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 1; round <= rounds; round += 1) {
    report(round);
    for (const [name, measure] of entries) samples[name as Name].push(await measure());
  }
  return samples;
}
