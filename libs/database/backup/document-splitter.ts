import { BackupError } from './backup-error.js';

const LENGTH_BYTES = 4;
const LEAST_BYTES = 5;
/** What MongoDB stores at most, with room for what it adds itself. */
const MOST_BYTES = 16 * 1024 * 1024 + 16 * 1024;

/** Cuts a stream of BSON documents, one after another, into them; one at a time is held. */
export async function* splitDocuments(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = LENGTH_BYTES;
  for await (const chunk of source) {
    pieces.push(chunk);
    held += chunk.length;
    if (held < wanted) continue;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces);
    let start = 0;
    for (;;) {
      wanted = LENGTH_BYTES;
      if (bytes.length - start < wanted) break;
      wanted = bytes.readInt32LE(start);
      if (wanted < LEAST_BYTES || wanted > MOST_BYTES) throw new BackupError('it does not hold BSON documents');
      if (bytes.length - start < wanted) break;
      yield bytes.subarray(start, start + wanted);
      start += wanted;
    }
    pieces = start === bytes.length ? [] : [bytes.subarray(start)];
    held = bytes.length - start;
  }
  if (held > 0) throw new BackupError('it ends in the middle of a document');
}
