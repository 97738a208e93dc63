import { createRequire } from 'node:module';
import type { ClientSession, Db, Document } from 'mongodb';

/** What the driver sends documents in that are BSON already; it has no public way to. A test holds it to the byte. */
interface RawSequence {
  push(document: Document, bytes: Uint8Array): number;
}
const { DocumentSequence } = createRequire(import.meta.url)('mongodb/lib/cmap/commands.js') as {
  DocumentSequence: new (field: string) => RawSequence;
};

/**
 * Inserts documents as they are, byte for byte: made into objects, some would become others.
 * @param session of a transaction that the documents are to be part of
 */
export async function insertRaw(
  store: Db,
  collection: string,
  documents: readonly Buffer[],
  session?: ClientSession,
): Promise<void> {
  const sequence = new DocumentSequence('documents');
  for (const bytes of documents) sequence.push({}, bytes);
  const insert = { insert: collection, documents: sequence, ordered: false };
  const answer =
    session === undefined
      ? await store.command({ ...insert, writeConcern: { w: 1 } })
      : await store.command(insert, { session });
  const [failed] = (answer['writeErrors'] ?? []) as { errmsg: string }[];
  if (failed !== undefined) throw new Error(`a document could not be stored: ${failed.errmsg}`);
}
