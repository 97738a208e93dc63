import { setTimeout as sleep } from 'node:timers/promises';
import type { Document, Long, MongoClient } from 'mongodb';
import { eventually } from './eventually.js';

/** A mongod that was asked for nothing in so long has a client who waits for a reader. */
const STILL_MS = 200;

/** The cursors that are open on a collection, seen from beside the API that opened them. */
export class OpenCursors {
  /** @param client on the database that the collection is in */
  constructor(
    private readonly client: MongoClient,
    private readonly collection: string,
  ) {}

  /** How many there are, whether one waits to be asked for more or is being asked. */
  async count(): Promise<number> {
    return (await this.open()).length;
  }

  /** Waits until there are so many. One that nobody ended would stay for minutes. */
  becomeAsMany(count: number): Promise<void> {
    return eventually(async () => {
      expect(await this.count()).toBe(count);
    });
  }

  /** Waits until nothing is asked of any of them: what lies between the database and the readers is full. */
  async stall(): Promise<void> {
    await eventually(async () => {
      const before = await this.progress();
      await sleep(STILL_MS);
      expect(await this.progress()).toEqual(before);
    }, 10_000);
  }

  /** Kills those that there are. @returns how many */
  async kill(): Promise<number> {
    const cursors = (await this.open()).map((operation) => (operation['cursor'] as { cursorId: Long }).cursorId);
    if (cursors.length > 0) await this.client.db().command({ killCursors: this.collection, cursors });
    return cursors.length;
  }

  private async progress(): Promise<string[]> {
    return (await this.open()).map((operation) => JSON.stringify(operation['cursor']));
  }

  private open(): Promise<Document[]> {
    const ns = `${this.client.db().databaseName}.${this.collection}`;
    return this.client
      .db('admin')
      .aggregate(
        [
          { $currentOp: { allUsers: true, idleCursors: true } },
          { $match: { ns, $or: [{ type: 'idleCursor' }, { 'command.getMore': { $exists: true } }] } },
        ],
        { promoteLongs: false },
      )
      .toArray();
  }
}
