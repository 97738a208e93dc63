import { readFile } from 'node:fs/promises';

/** The memory that a process has now, in bytes (proc(5), VmRSS); Linux. */
export function residentMemory(pid: number): Promise<number> {
  return statusBytes(pid, 'VmRSS');
}

/** The most that it has had so far (VmHWM). */
export function mostResidentMemory(pid: number): Promise<number> {
  return statusBytes(pid, 'VmHWM');
}

async function statusBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}
