import type { AbstractCursor, ClientSession, WriteConcernSettings } from 'mongodb';
import type { OpenDatabase } from './connection.js';
import { DatabaseTimeoutError } from './database-calls.js';
import { MAJORITY } from './majority.js';

/** Reads of one snapshot, and writes of one transaction, where the deployment has them. */
export class Sessions {
  constructor(private readonly database: Pick<OpenDatabase, 'connection' | 'members'>) {}

  /**
   * How many members have to have a write that others build on, but that nobody waits for to be durable. In a set of one,
   * what comes after it is durable only with it; in a larger one, it could be taken back alone.
   */
  get orderOnly(): WriteConcernSettings {
    return this.database.members === 'several' ? MAJORITY : { w: 1 };
  }

  /**
   * The same for a write that may be taken back alone, and that nobody sees before a majority has it. In a set of one, it is
   * waited for, so that who is answered after it sees it.
   */
  get unhurried(): WriteConcernSettings {
    return this.database.members === 'several' ? { w: 1 } : MAJORITY;
  }

  /** Whether writes can take effect together: not on a lone server. */
  get haveTransactions(): boolean {
    return this.database.members !== 'lone';
  }

  /** A session whose reads all see the same data; null on a lone server. Whoever opens it ends it. */
  snapshot(): ClientSession | null {
    return this.database.members === 'lone' ? null : this.client.startSession({ snapshot: true });
  }

  /**
   * Closes a cursor, on the server too, whatever session it was opened in. The driver sends the read concern of a snapshot
   * along with `killCursors`, which the server refuses, and tells nobody: so it is killed from outside first.
   */
  async closeCursor(cursor: AbstractCursor<unknown>): Promise<void> {
    const { id, namespace } = cursor;
    if (id !== undefined && !id.isZero()) {
      const kill = { killCursors: namespace.collection, cursors: [id] };
      // One that cannot be reached any more is freed by the server in time.
      await this.client
        .db(namespace.db)
        .command(kill)
        .catch(() => undefined);
    }
    await cursor.close();
  }

  /**
   * Writes that take effect together, and are tried again where others get in the way; on a lone server one by one.
   * @param longestMs after this they are not tried again, and a commit under way is ended by the server
   * @param patienceMs after this they are not tried again, where that is sooner
   * @throws DatabaseTimeoutError where others got in the way for longer
   */
  async transaction<T>(
    longestMs: number,
    writes: (session: ClientSession | undefined) => Promise<T>,
    patienceMs = longestMs,
  ): Promise<T> {
    if (this.database.members === 'lone') return writes(undefined);
    const ends = performance.now() + patienceMs;
    const attempt = (session: ClientSession): Promise<T> => {
      if (performance.now() > ends) throw new DatabaseTimeoutError('others kept getting in the way of a transaction');
      return writes(session);
    };
    const options = { maxCommitTimeMS: longestMs };
    return this.client.withSession((session) => session.withTransaction(attempt, options));
  }

  private get client() {
    return this.database.connection.getClient();
  }
}
