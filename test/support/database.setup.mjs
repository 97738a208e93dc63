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
  globalThis.endTestDatabase = async () => {
    await lease.release();
    await rm(dataDir, { recursive: true, force: true });
  };
}
