import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireEmbeddedDatabase } from '../../dist/libs/database/embedded/index.js';

const RUNNER = fileURLToPath(new URL('command-runner.mjs', import.meta.url));

/** One mongod and one command runner for all end-to-end tests; each file has a database of its own. */
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
  const socket = join(dataDir, 'commands.sock');
  const runner = fork(RUNNER, [socket, dataDir]);
  await once(runner, 'message');
  process.env.CLOCKWORK_TEST_COMMANDS = socket;
  globalThis.endTestDatabase = async () => {
    // It writes into the directory until it has ended.
    const ended = once(runner, 'exit');
    runner.disconnect();
    await ended;
    await lease.release();
    await rm(dataDir, { recursive: true, force: true });
  };
}
