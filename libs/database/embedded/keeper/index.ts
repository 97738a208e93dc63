import { setTimeout as sleep } from 'node:timers/promises';

import { openDataDirectory } from '../data-directory.js';
import { runtimeDirectoryAt } from '../runtime-directory.js';
import { someoneListens } from '../socket-connection.js';
import { Keeper } from './keeper.js';
import { KeeperLock } from './keeper-lock.js';

/** Longer than a keeper that is ending may take (its mongod's stop, then kill -9). */
const LOCK_TIMEOUT_MS = 40_000;
const LOCK_POLL_MS = 20;

export interface KeeperArguments {
  dataDir: string;
  runtimeDir: string;
  mongodPath: string;
}

/**
 * The whole life of a keeper process: waits for one that is ending, leaves at once when another one serves, else runs
 * mongod until the last lease on it is gone. SIGTERM and SIGINT end it when its clients are done, or after 10 s.
 */
export async function runKeeper({ dataDir, runtimeDir, mongodPath }: KeeperArguments): Promise<void> {
  const log = (message: string): void => {
    console.log(`${new Date().toISOString()} keeper ${process.pid}: ${message}`);
  };
  // A new file is its owner's alone, whatever umask the starting process had.
  process.umask(0o077);
  const data = await openDataDirectory(dataDir);
  const runtime = runtimeDirectoryAt(runtimeDir);
  const lock = await takeLock(data.keeperLock, runtime.keeperSocket);
  if (lock === undefined) return;

  const keeper = new Keeper({ data, runtime, mongodPath, log });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      keeper.drain();
    });
  }
  await keeper.run();
  log('ended');
  lock.free();
}

/** @returns undefined when another keeper serves this data directory */
async function takeLock(path: string, keeperSocket: string): Promise<KeeperLock | undefined> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const lock = await KeeperLock.tryTake(path);
    if (lock !== undefined) return lock;
    if (await someoneListens(keeperSocket)) return undefined;
    await sleep(LOCK_POLL_MS);
  }
  throw new Error(`another keeper holds ${path} and neither serves nor ends`);
}
