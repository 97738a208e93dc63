import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { hasCode, messageOf } from './caught-error.js';
import type { DataDirectory } from './data-directory.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';

/** sun_path holds 108 bytes with its final zero on Linux, 104 on macOS and the BSDs (unix(7), unix(4)). */
const MAX_SOCKET_PATH_BYTES = 103;

/** The directory, of mode 700, that holds the sockets of one embedded database. */
export interface RuntimeDirectory {
  path: string;
  keeperSocket: string;
  mongodSocket: string;
}

export function runtimeDirectoryAt(path: string): RuntimeDirectory {
  return { path, keeperSocket: join(path, 'keeper.sock'), mongodSocket: join(path, 'mongod.sock') };
}

export function socketsFit(directory: string): boolean {
  const { keeperSocket, mongodSocket } = runtimeDirectoryAt(directory);
  return [keeperSocket, mongodSocket].every((path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES);
}

/**
 * The directories to try, best first: inside the data directory, where whoever shares that finds it; else the one that
 * a keeper recorded, since processes on one data directory may differ in TMPDIR or XDG_RUNTIME_DIR; else a new one.
 */
export function runtimeDirectoryCandidates(
  dataRoot: string,
  recorded: string | undefined,
  environment: NodeJS.ProcessEnv,
): string[] {
  const name = `clockwork-${userInfo().uid}-${createHash('sha256').update(dataRoot).digest('hex').slice(0, 16)}`;
  const elsewhere = [environment['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'].filter((base) => base?.startsWith('/') === true);
  return [join(dataRoot, 'run'), recorded, ...elsewhere.map((base) => join(String(base), name))].filter(
    (path): path is string => path !== undefined && socketsFit(path),
  );
}

/** Finds or makes the directory of the sockets and sees that nobody else can enter it. */
export async function openRuntimeDirectory(data: DataDirectory): Promise<RuntimeDirectory> {
  const problems: string[] = [];
  for (const path of runtimeDirectoryCandidates(data.root, await readRecord(data), process.env)) {
    try {
      await makePrivate(path);
      return runtimeDirectoryAt(path);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  throw new EmbeddedDatabaseError(
    `no private directory for the sockets of the embedded database (${problems.join('; ')}). ` +
      'Set CLOCKWORK_DATA_DIR to a directory of your own, or MONGODB_URI to a database.',
  );
}

/** For the keeper alone, under its lock: lets every process on this data directory find the sockets. */
export async function recordRuntimeDirectory(data: DataDirectory, runtime: RuntimeDirectory): Promise<void> {
  const fresh = `${data.runtimeRecord}.new`;
  await writeFile(fresh, `${JSON.stringify({ dataDirectory: data.root, runtimeDirectory: runtime.path })}\n`, {
    mode: 0o600,
  });
  await rename(fresh, data.runtimeRecord);
}

async function readRecord(data: DataDirectory): Promise<string | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(data.runtimeRecord, 'utf8'));
    if (typeof record !== 'object' || record === null) return undefined;
    const { dataDirectory, runtimeDirectory } = record as Record<string, unknown>;
    // A copy of a data directory brings the record of the original's sockets along.
    return dataDirectory === data.root && typeof runtimeDirectory === 'string' ? runtimeDirectory : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function makePrivate(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    // mkdir takes the umask off the mode.
    await chmod(path, 0o700);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const found = await lstat(path);
  if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
  if (found.uid !== userInfo().uid) throw new Error(`${path} is another user's`);
  if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700);
}
