import type { AbstractCursor, ClusterTime } from 'mongodb';
import { countShortLivedBytes } from '#libs/common';
import { listReaders, openCursors } from '#libs/metrics';
import type { DatabaseCalls } from './database-calls.js';
import type { Sessions } from './sessions.js';

/** Documents as they came from the server: one after another in the BSON array of its answer. */
export interface RawDocuments {
  /** What holds the array. */
  bytes: Buffer;
  /** Where the first document starts; after each comes its successor's type and index, then the successor. */
  start: number;
  count: number;
}

export interface RawBatch extends RawDocuments {
  /** Gives its memory back at once; the bytes are gone then. A batch that is not freed is the garbage collector's. */
  free(): void;
}

/**
 * Bytes that a batch should have: what a reader that stops holds, twice. Larger ones take a tenth of the time less and as
 * much more memory.
 */
const BATCH_BYTES = 384 * 1024;
/** Lists read at once up to which the next batch is fetched ahead; with more, the processors are busy anyway. */
const MOST_AHEAD = 4;
/** Readers that are open in this process. */
let open = 0;

/** What the driver's types leave out: its buffered answer, and the options of its next request. */
interface Internals {
  documents: { clear(): void; $clusterTime: ClusterTime | null } | null;
  cursorOptions: { batchSize?: number };
}

/**
 * Takes whole batches from cursors opened with `raw: true`, one cursor after another, and has the next one fetched while
 * the one before is being worked on. A document of its own is made of none: the driver's `readBufferedDocuments` takes
 * longer over that than the server over the whole answer.
 */
export class RawBatches {
  private readonly waiting: AbstractCursor<Buffer>[];
  private current: AbstractCursor<Buffer> | undefined;
  private fetched: Promise<boolean> | undefined;
  private isClosed = false;
  /** Whether the server holds a cursor for it. */
  private hasCursor = false;

  constructor(
    private readonly cursors: readonly AbstractCursor<Buffer>[],
    private readonly sessions: Sessions,
    private readonly calls: DatabaseCalls,
  ) {
    this.waiting = [...cursors];
    open += 1;
    listReaders.set(open);
  }

  /** The next batch, never empty; null at the end. As a rule the one after it is on its way when this returns. */
  async read(): Promise<RawBatch | null> {
    this.fetched ??= this.fetch();
    const found = await this.fetched;
    if (!found || this.current === undefined) return null;
    const batch = takeBatch(this.current);
    countShortLivedBytes(batch.bytes.length, open > MOST_AHEAD);
    internals(this.current).cursorOptions.batchSize = countFor(batch);
    this.fetched = undefined;
    if (this.isComplete) this.fetched = Promise.resolve(false);
    else if (open <= MOST_AHEAD) this.fetched = this.fetch();
    // Whoever does not read on must not be told of it as an unhandled rejection.
    this.fetched?.catch(() => undefined);
    return batch;
  }

  /** Whether the server has nothing beyond what was read. */
  get isComplete(): boolean {
    return this.waiting.length === 0 && (this.current?.closed ?? true);
  }

  /** Frees the cursors on the server, also where an answer is still on its way. */
  async close(): Promise<void> {
    if (!this.isClosed) open -= 1;
    listReaders.set(open);
    this.isClosed = true;
    await this.closeCursors();
    // One that was being opened has become known to the driver only now.
    if (this.fetched !== undefined && (await this.fetched.catch(() => true))) await this.closeCursors();
  }

  private async closeCursors(): Promise<void> {
    await Promise.all(this.cursors.map((cursor) => this.sessions.closeCursor(cursor)));
    this.noteCursor(false);
  }

  private async fetch(): Promise<boolean> {
    for (;;) {
      const cursor = (this.current ??= this.waiting.shift());
      if (cursor === undefined || this.isClosed) return false;
      const found = await this.calls.run(() => cursor.hasNext());
      this.noteCursor(!cursor.closed);
      if (found) return true;
      this.current = undefined;
    }
  }

  private noteCursor(isOpen: boolean): void {
    if (isOpen === this.hasCursor) return;
    this.hasCursor = isOpen;
    if (isOpen) openCursors.inc();
    else openCursors.dec();
  }
}

/** Takes what a cursor has buffered, and leaves it empty. */
function takeBatch(cursor: AbstractCursor<Buffer>): RawBatch {
  const count = cursor.bufferedCount();
  const [first] = cursor.readBufferedDocuments(1);
  const { documents: buffered } = internals(cursor);
  if (first === undefined || buffered === null) throw new Error('the cursor has no batch to take');
  buffered.clear();
  const memory = first.buffer;
  keepApart(buffered.$clusterTime, memory);
  return {
    bytes: Buffer.from(memory),
    start: first.byteOffset,
    count,
    free: () => {
      // Small answers lie in Node's pool, which is all of theirs and cannot be taken apart.
      if (memory instanceof ArrayBuffer && memory.byteLength > Buffer.poolSize) memory.transfer(0);
    },
  };
}

/** The signature of the cluster's time lies in the answer it came with, and the driver sends it along with what it asks next. */
function keepApart(time: ClusterTime | null, memory: ArrayBufferLike): void {
  const hash = time?.signature?.hash;
  if (hash?.buffer.buffer === memory) hash.buffer = Buffer.from(hash.buffer);
}

function internals(cursor: AbstractCursor<Buffer>): Internals {
  return cursor as unknown as Internals;
}

/** How many documents make a batch of the right size, going by the last one. */
function countFor({ bytes, count }: RawBatch): number {
  return Math.max(1, Math.round((BATCH_BYTES * count) / bytes.length));
}
