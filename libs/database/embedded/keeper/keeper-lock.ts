import { truncate } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';

import { hasField } from '../caught-error.js';

/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/**
 * The right to be the keeper of a data directory. Node has no flock(2); SQLite's exclusive transaction on an empty file is
 * a lock that the kernel frees however its process ends, so it never is stale and never held by two, which no exchange of
 * socket or pid files achieves. Nothing is written to the file.
 */
export class KeeperLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns undefined when another process holds it */
  static async tryTake(path: string): Promise<KeeperLock | undefined> {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return new KeeperLock(database);
    } catch (error) {
      database.close();
      const code = hasField(error, 'errcode') ? error.errcode : undefined;
      if (code === SQLITE_BUSY) return undefined;
      if (code !== SQLITE_NOTADB) throw error;
      // Only who holds no lock reads the content, and only a damaged disk or a person put one there.
      await truncate(path);
      return undefined;
    }
  }

  free(): void {
    this.#database.close();
  }
}
