import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
const KIB = 1024;
/** A tick of proc(5)'s times, which Linux shows in hundredths of a second everywhere. */
const TICK_MS = 10;
/** Memory that has not moved by more than this for so long has come to rest. */
const AT_REST_BYTES = 1024 * 1024;
const AT_REST_MS = 1_500;
const MOST_SETTLING_MS = 20_000;

/** The resident memory of a process and its children, in bytes (proc(5), VmRSS). */
export async function residentBytes(pid: number): Promise<number> {
  const status = await procText(pid, 'status');
  const own = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * KIB;
  const children = await Promise.all((await childrenOf(pid)).map(residentBytes));
  return children.reduce((sum, bytes) => sum + bytes, own);
}

/** Empty where the process or thread has ended meanwhile. */
function procText(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => procText(pid, `task/${thread}/children`)));
  return lists.flatMap((list) => list.match(/\d+/g) ?? []).map(Number);
}

/** Watches while something is done. @returns the most resident memory meanwhile, in bytes */
export async function peakDuring(pid: number, work: Promise<unknown>): Promise<number> {
  let working = true;
  const done = work.finally(() => {
    working = false;
  });
  let peak = 0;
  do {
    peak = Math.max(peak, await residentBytes(pid));
    await sleep(POLL_MS);
  } while (working as boolean);
  await done;
  return peak;
}

/** @returns the resident memory once it no longer moves, in bytes */
export async function settledBytes(pid: number): Promise<number> {
  const deadline = performance.now() + MOST_SETTLING_MS;
  let [since, low, high] = [performance.now(), Infinity, 0];
  for (;;) {
    const bytes = await residentBytes(pid);
    low = Math.min(low, bytes);
    high = Math.max(high, bytes);
    const now = performance.now();
    if (high - low > AT_REST_BYTES) [since, low, high] = [now, bytes, bytes];
    if (now - since > AT_REST_MS || now > deadline) return bytes;
    await sleep(POLL_MS);
  }
}

/** The processor time that processes have used so far, in milliseconds. */
export async function processorMs(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(processorMsOf));
  return times.reduce((sum, ms) => sum + ms, 0);
}

async function processorMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold anything, spaces and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
