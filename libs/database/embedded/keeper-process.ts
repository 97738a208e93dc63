import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { moveLongLogAside } from './bounded-log.js';
import type { DataDirectory } from './data-directory.js';
import type { RuntimeDirectory } from './runtime-directory.js';

/** From where this file lies in dist/, libs/database/embedded. */
const KEEPER_ENTRY = fileURLToPath(new URL('../../../apps/mongod-keeper/main.js', import.meta.url));

const MAX_LOG_BYTES = 1024 ** 2;

/** What a server binary may need to run; everything else, such as keys and passwords, is not the keeper's to know. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'GLIBC_TUNABLES',
];

/** A keeper that this process started. It outlives this process when others need the database. */
export interface StartedKeeper {
  /** Its exit code, or the signal that ended it; undefined while it runs. */
  readonly ended: number | NodeJS.Signals | undefined;
}

/** Starts a keeper in a session of its own, where a terminal's Ctrl-C does not reach it. */
export async function startKeeper(
  data: DataDirectory,
  runtime: RuntimeDirectory,
  mongodPath: string,
): Promise<StartedKeeper> {
  await moveLongLogAside(data.keeperLog, MAX_LOG_BYTES);
  await using log = await open(data.keeperLog, 'a', 0o600);
  const child = spawn(
    process.execPath,
    // node:sqlite, the keeper's lock, is marked experimental in Node 24.
    ['--disable-warning=ExperimentalWarning', KEEPER_ENTRY, data.root, runtime.path, mongodPath],
    { cwd: data.root, detached: true, stdio: ['ignore', log.fd, log.fd], env: minimalEnvironment(process.env) },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  return {
    get ended() {
      return child.exitCode ?? child.signalCode ?? undefined;
    },
  };
}

function minimalEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (name in environment ? [[name, environment[name]]] : [])));
}
