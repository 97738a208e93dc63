import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { hasCode, messageOf } from './caught-error.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';

/** Where the parts of an embedded database lie in its data directory. */
export interface DataDirectory {
  /** Real path, so that two spellings of one directory are one database. */
  root: string;
  /** mongod's --dbpath. */
  db: string;
  mongodLog: string;
  keeperLog: string;
  /** Held by the one keeper that may run on this directory. */
  keeperLock: string;
  /** Names the directory of the sockets when they do not fit in here. */
  runtimeRecord: string;
}

export function dataDirectoryAt(root: string): DataDirectory {
  return {
    root,
    db: join(root, 'db'),
    mongodLog: join(root, 'mongod.log'),
    keeperLog: join(root, 'keeper.log'),
    keeperLock: join(root, 'keeper.lock'),
    runtimeRecord: join(root, 'runtime-directory.json'),
  };
}

/** Makes the directory when it is not there; what holds a lab's data is its owner's alone. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  try {
    await makeDirectories(resolve(path));
    const data = dataDirectoryAt(await realpath(path));
    await makeDirectories(data.db);
    await access(data.root, constants.R_OK | constants.W_OK | constants.X_OK);
    return data;
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `CLOCKWORK_DATA_DIR=${path} cannot be used: ${messageOf(error)}. ` +
        'Set it to a directory that you may write to, or MONGODB_URI to a database.',
      { cause: error },
    );
  }
}

/** Not by mkdir's option recursive, which in Node 24 never returns where nothing can be made, as in /proc. */
async function makeDirectories(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  if (path !== dirname(path)) await makeDirectories(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !(await isDirectory(path))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
