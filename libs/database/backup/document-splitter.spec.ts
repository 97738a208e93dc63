import fc from '../../../test/support/seeded-fast-check.js';
import { BSON } from 'mongodb';
import { splitDocuments } from './document-splitter.js';

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, whoever makes it
async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

async function split(bytes: Buffer, sizes: readonly number[] = []): Promise<Buffer[]> {
  const documents: Buffer[] = [];
  for await (const document of splitDocuments(chunked(bytes, sizes))) documents.push(Buffer.from(document));
  return documents;
}

const written = (texts: readonly string[]) => texts.map((text) => Buffer.from(BSON.serialize({ text })));

describe('splitDocuments', () => {
  it('gives the documents as they were, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string()), fc.array(fc.nat(30)), async (texts, sizes) => {
        const documents = written(texts);
        expect(await split(Buffer.concat(documents), sizes)).toEqual(documents);
      }),
    );
  });

  it.each([
    ['ends in the middle of a document', Buffer.concat(written(['a', 'b'])).subarray(0, -1), /ends in the middle/],
    ['ends in the middle of a length', Buffer.concat([...written(['a']), Buffer.alloc(2)]), /ends in the middle/],
    ['has a length that none has', Buffer.from([4, 0, 0, 0, 0]), /not hold BSON/],
    ['has one that is too long', Buffer.from([0, 0, 0, 2, 0, 0]), /not hold BSON/],
    ['has a negative one', Buffer.from([0, 0, 0, 255, 0, 0]), /not hold BSON/],
  ])('refuses what %s', async (_case, bytes, message) => {
    await expect(split(bytes)).rejects.toThrow(message);
    await expect(split(bytes, [1, 1, 1])).rejects.toThrow(message);
  });
});
