import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** The processes that have a directory of a Slurm in their environment: its daemons, and its jobs. */
export async function processesOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(basename(directory)) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
