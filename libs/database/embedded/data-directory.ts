import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

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
  await mkdir(path, { recursive: true, mode: 0o700 });
  const data = dataDirectoryAt(await realpath(path));
  await mkdir(data.db, { recursive: true, mode: 0o700 });
  return data;
}
