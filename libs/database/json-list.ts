import { Readable } from 'node:stream';
import type { AbstractCursor } from 'mongodb';
import { BsonJsonWriter } from '#libs/json';
import type { DatabaseCalls } from './database-calls.js';

/** Bytes handed to the socket at once. */
const CHUNK = 64 * 1024;

/**
 * A JSON array of what a cursor finds, written while it is read: a reader that stops holds one batch and one chunk.
 * An error on the way destroys the stream, so that a cut list is never taken for a whole one.
 * @param cursor opened with `raw: true`
 * @returns once the first batch is there, so that a database out of reach is told before the answer begins
 */
export async function jsonList(cursor: AbstractCursor<Buffer>, calls: DatabaseCalls): Promise<Readable> {
  const more = await calls.run(() => cursor.hasNext());
  return Readable.from(chunks(cursor, more, calls), { objectMode: false, highWaterMark: CHUNK });
}

async function* chunks(cursor: AbstractCursor<Buffer>, first: boolean, calls: DatabaseCalls): AsyncGenerator<Buffer> {
  const writer = new BsonJsonWriter(CHUNK + CHUNK / 2);
  try {
    let separator = '[';
    for (let more = first; more; more = await calls.run(() => cursor.hasNext())) {
      for (const document of cursor.readBufferedDocuments()) {
        writer.raw(separator);
        writer.document(document);
        separator = ',';
        if (writer.size >= CHUNK) yield writer.take();
      }
    }
    writer.raw(separator === '[' ? '[]' : ']');
    yield writer.take();
  } finally {
    await cursor.close();
  }
}
