import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

/** Resolves when a process is over, whether or not its parent has noticed (Linux). */
export async function endedProcess(pid: number): Promise<void> {
  const patienceEnds = performance.now() + PATIENCE_MS;
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    // The name in parentheses may hold anything, and is the last that does.
    if (stat === null || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    if (performance.now() > patienceEnds) throw new Error(`${pid} does not end`);
    await sleep(1);
  }
}
