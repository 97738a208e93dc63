import type { DocumentReader, ReadingSummary } from '#libs/slurm';

/** Reads a whole document through a reader, in pieces of `pieceLength` bytes. */
export function readDocument<T>(
  reader: DocumentReader<T>,
  document: string | Uint8Array,
  pieceLength = 64 * 1024,
): { records: T[]; summary: ReadingSummary } {
  const bytes = typeof document === 'string' ? Buffer.from(document) : document;
  const records: T[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    for (const record of reader.take(bytes.subarray(at, at + pieceLength))) records.push(record);
  }
  const last = reader.end();
  return { records: [...records, ...last.records], summary: last.summary };
}
