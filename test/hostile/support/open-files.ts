import { readdir } from 'node:fs/promises';

/** How many files and sockets a process has open (proc(5), Linux). */
export async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}
