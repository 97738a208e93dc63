import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { DataDirectory } from '../data-directory.js';
import { hasCode } from '../caught-error.js';
import { STOP_TIMEOUT_MS } from './mongod-process.js';

const KILL_TIMEOUT_MS = 5_000;

/** Ends the mongod that a killed keeper left behind on this data directory, if there is one. */
export async function endOrphanedMongod(data: DataDirectory, log: (message: string) => void): Promise<void> {
  const pid = await pidInLock(data);
  if (pid === undefined || !(await isOurMongod(pid, data))) return;
  log(`ending mongod ${pid}, which a killed keeper left behind`);
  if (await ends(pid, data, 'SIGTERM', STOP_TIMEOUT_MS)) return;
  if (await ends(pid, data, 'SIGKILL', KILL_TIMEOUT_MS)) return;
  throw new Error(`mongod ${pid} on ${data.db} does not end. End it by hand: kill -9 ${pid}`);
}

/** mongod writes its pid there and empties the file when it ends cleanly. */
async function pidInLock(data: DataDirectory): Promise<number | undefined> {
  try {
    const text = (await readFile(join(data.db, 'mongod.lock'), 'utf8')).trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * A pid in a file may be any process's by now, so it counts only if that is a mongod which a keeper started: its arguments
 * name a --dbpath, and on Linux its working directory is ours, which holds even after the directory was renamed.
 */
async function isOurMongod(pid: number, data: DataDirectory): Promise<boolean> {
  try {
    if (process.platform !== 'linux') {
      const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
        timeout: 5_000,
      });
      return stdout.includes(`--dbpath ${data.db} `);
    }
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (!argv.includes('--dbpath')) return false;
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data.db)]);
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    // No such process (ps exits 1), or one of another user, which no keeper of ours started.
    return false;
  }
}

async function ends(pid: number, data: DataDirectory, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
  const deadline = Date.now() + withinMs;
  while (await isOurMongod(pid, data)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
