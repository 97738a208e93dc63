import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LOOK_MS = 500;
const REPORT_MS = 3_000;
const TOTAL_MS = 20 * 60_000;

interface Watched {
  /** Where the fetch puts what has arrived. */
  directory: string;
  /** How long nothing may arrive before the fetch is given up. */
  stallMs: number;
  /** Told how many MB have arrived, every few seconds. */
  report: (megabytes: number) => void;
}

/** Runs a fetch that can take minutes or hang, telling how far it is, and aborts its signal when nothing comes any more. */
export async function watchFetch<T>(
  { directory, stallMs, report }: Watched,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const startedAt = Date.now();
  let size = 0;
  let grownAt = startedAt;
  let reportedAt = startedAt;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const now = Date.now();
    const sizeNow = await sizeOfTree(directory);
    looking = false;
    if (sizeNow !== size) grownAt = now;
    size = sizeNow;
    if (now - grownAt > stallMs) giveUp.abort(new Error(`nothing arrived for ${Math.round(stallMs / 1_000)} s`));
    if (now - startedAt > TOTAL_MS) giveUp.abort(new Error(`not finished after ${TOTAL_MS / 60_000} minutes`));
    if (size >= 1e6 && now - reportedAt >= REPORT_MS) {
      reportedAt = now;
      report(Math.round(size / 1e6));
    }
  };
  const looks = setInterval(() => void look(), LOOK_MS);
  try {
    return await run(giveUp.signal);
  } catch (error) {
    // An aborted child or worker fails in its own words.
    giveUp.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(looks);
  }
}

/** Files come and go while this looks; those that went count nothing. */
async function sizeOfTree(directory: string): Promise<number> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const sizes = entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  } catch {
    return 0;
  }
}
