import type { OpenDatabase } from './connection.js';
import { DatabaseCalls } from './database-calls.js';
import { Indexes } from './indexes.js';

/** What a server says of itself. */
export interface DatabaseAnswer {
  roundTripMs: number;
  version: string;
  /** The address of the one that takes writes; null on a lone server and behind mongos. */
  primary: string | null;
  /** By the clock of the server. */
  now: Date;
  /** Indexes that should be there, as `collection.index`. */
  missingIndexes: string[];
}

/** Asks the database how it is, for people. */
export class DatabaseProbe {
  constructor(
    private readonly database: OpenDatabase,
    private readonly indexes: Indexes,
    private readonly calls: DatabaseCalls,
  ) {}

  get kind(): OpenDatabase['kind'] {
    return this.database.kind;
  }

  get members(): OpenDatabase['members'] {
    return this.database.members;
  }

  /** Of the embedded database; null where it is somebody else's. */
  get dataDir(): string | null {
    return this.database.dataDir;
  }

  async ask(): Promise<DatabaseAnswer> {
    const admin = this.database.connection.getClient().db('admin');
    const asked = performance.now();
    const hello = await this.calls.run(() => admin.command({ hello: 1 }));
    const roundTripMs = performance.now() - asked;
    const [build, missingIndexes] = await Promise.all([
      this.calls.run(() => admin.command({ buildInfo: 1 })),
      this.indexes.missing(),
    ]);
    return {
      roundTripMs,
      version: String(build['version']),
      primary: typeof hello['primary'] === 'string' ? hello['primary'] : null,
      now: hello['localTime'] instanceof Date ? hello['localTime'] : new Date(),
      missingIndexes,
    };
  }
}
