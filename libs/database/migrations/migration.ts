import type { Db, Document } from 'mongodb';
import type { VersionedData } from '../data-versions.js';

/** What a migration works with. It knows the collections as they are, and no schema: that goes on to change. */
export interface MigrationWork {
  database: Db;
  /** What was saved before it was cut off; null where nothing was. */
  progress: Document | null;
  /**
   * To be called between batches: what is saved is there when the migration goes on in another process.
   * @throws where another process may have taken over
   */
  save: (progress: Document | null) => Promise<void>;
  /** Encloses every write of what lists show. */
  change: <T>(data: VersionedData, write: () => Promise<T>) => Promise<T>;
}

/**
 * One step from what an earlier version of Clockwork stored to what this one does. It may be cut off anywhere and is then
 * done again from what it saved, so doing a part of it twice must come to the same; and it leaves what the version before
 * can go on to work with, since that may still be running.
 */
export interface Migration {
  /** From 1, without gaps; never changed once it was released. */
  number: number;
  /** In words, for whoever waits. */
  what: string;
  run: (work: MigrationWork) => Promise<void>;
}
