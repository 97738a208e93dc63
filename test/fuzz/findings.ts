import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FINDINGS = new URL('./findings/', import.meta.url);

/** Inputs that were findings once, by target: each run begins with them, and so do the unit tests. */
export function earlierFindings(target: string): Uint8Array[] {
  const directory = new URL(`${target}/`, FINDINGS);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((file) => readFileSync(new URL(file, directory)));
}
