import { readFile } from 'node:fs/promises';

/** The memory that a process has now, in bytes (proc(5), VmRSS); Linux. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) * 1024;
}
