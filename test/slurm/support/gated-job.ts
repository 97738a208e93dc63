import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SlurmCluster } from './slurm-cluster.ts';
import type { Submission } from './slurm-commands.ts';

/** Runs until it is told how to end, and again until it is told so for that run. */
const SCRIPT = `
end="end-$SLURM_JOB_ID-\${SLURM_RESTART_COUNT:-0}"
until [ -e "$end" ]; do sleep 0.2; done
exit "$(cat "$end")"`;

/** A job that ends when it is told to. @returns its id */
export function submitGated(slurm: SlurmCluster, submission: Omit<Submission, 'script'> = {}): Promise<string> {
  return slurm.submit({ script: SCRIPT, ...submission });
}

export interface GatedEnd {
  /** 0 unless said. */
  exitCode?: number;
  /** How often it has been requeued; 0 unless said. */
  run?: number;
}

/** @param id Slurm's own, also of a task of an array */
export async function endGated(
  slurm: SlurmCluster,
  id: string,
  { exitCode = 0, run = 0 }: GatedEnd = {},
): Promise<void> {
  const file = join(slurm.directory, 'work', `end-${id}-${run}`);
  await writeFile(`${file}.new`, `${exitCode}\n`);
  await rename(`${file}.new`, file);
}
