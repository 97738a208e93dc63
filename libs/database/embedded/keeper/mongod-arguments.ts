import { totalmem } from 'node:os';

import type { DataDirectory } from '../data-directory.js';
import type { RuntimeDirectory } from '../runtime-directory.js';
import { REPLICA_SET_NAME } from './replica-set.js';

const GIB = 1024 ** 3;

/**
 * mongod would take half of the memory for its cache, too much on a machine shared with others. A sixteenth holds the
 * recent jobs of a large cluster (1 GiB is about a million of them), within bounds that suit a laptop and a big server.
 */
export function cacheSizeGb(memoryBytes: number): number {
  return Math.round(Math.min(Math.max(memoryBytes / 16 / GIB, 0.25), 2) * 100) / 100;
}

/** What this process may use: a container's limit, if it has one below the machine's memory. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Options that MongoDB 6.0 to 8.x all take. */
export function mongodArguments(data: DataDirectory, runtime: RuntimeDirectory): string[] {
  return [
    ['--dbpath', data.db],
    ['--replSet', REPLICA_SET_NAME],
    // One socket in a private directory and no port; --nounixsocket leaves out the second one, named for the port.
    ['--bind_ip', runtime.mongodSocket, '--nounixsocket', '--filePermissions', '0700'],
    ['--networkMessageCompressors', 'disabled'],
    ['--logpath', data.mongodLog, '--logappend', '--logRotate', 'reopen'],
    ['--wiredTigerCacheSizeGB', String(cacheSizeGb(availableMemory()))],
    // A lone member needs the oplog for change streams alone, and would take 5 % of the disk.
    ['--oplogSize', '256'],
    // After kill -9, mongod applies again what was written since the last checkpoint, which takes about as long as it
    // took to write: with the default of 60 s between checkpoints half a minute under load, with 2 s about one second.
    ['--syncdelay', '2'],
    // A list is read from one snapshot, which a slow reader may need for longer than the default of 5 minutes.
    ['--setParameter', 'minSnapshotHistoryWindowInSeconds=1800'],
    // What a process that was killed had begun keeps its documents from others for so long: 60 s by default, and the longest
    // write has 20 s.
    ['--setParameter', 'transactionLifetimeLimitSeconds=25'],
    // Without it mongod stays for 15 s after SIGTERM to let drivers find another member, and there is none.
    ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
    ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  ].flat();
}
