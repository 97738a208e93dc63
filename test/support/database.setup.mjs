import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireEmbeddedDatabase } from '../../dist/libs/database/embedded/index.js';

/** One mongod for all end-to-end tests; each file has a database of its own on it. */
export default async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'clockwork-e2e-'));
  const lease = await acquireEmbeddedDatabase({
    dataDir,
    mongodPath: process.env.MONGOD,
    report: (message) => process.stderr.write(`${message}\n`),
  });
  process.env.CLOCKWORK_TEST_MONGODB = lease.uri;
  // The tests start hundreds of processes of the same code: compiled once, they start in two thirds of the time.
  process.env.NODE_COMPILE_CACHE ??= join(dataDir, 'compile-cache');
  globalThis.endTestDatabase = async () => {
    await lease.release();
    await rm(dataDir, { recursive: true, force: true });
  };
}
