import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** The most resident memory that a process has had, in bytes, from the kernel's own mark (proc(5), VmHWM); Linux. */
export async function peakMemory(pid: number, ended: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  void ended.then(() => {
    over.abort();
  });
  let peak = 0;
  while (!over.signal.aborted) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
    await sleep(POLL_MS);
  }
  return peak;
}
