import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, zstdDecompress } from 'node:zlib';
import fc from '../../test/support/seeded-fast-check.js';
import { compressed, compressor, type Encoding, ENCODINGS } from './encoding.js';

const reading: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  zstd: promisify(zstdDecompress),
  br: promisify(brotliDecompress),
  gzip: promisify(gunzip),
  identity: (bytes) => Promise.resolve(bytes),
};
const COMPRESSING = ENCODINGS.filter((encoding) => encoding !== 'identity');

/** Texts with repetition, as lists have it, from none to longer than what is handed on at once. */
const arbitraryPieces = fc.array(
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(4000)).map(([unit, times]) => {
    return Buffer.concat(Array.from({ length: times }, () => unit));
  }),
  { maxLength: 4 },
);

describe.each(ENCODINGS)('%s', (encoding) => {
  it('gives back what was compressed whole', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryPieces, async (pieces) => {
        const bytes = Buffer.concat(pieces);
        const read = await reading[encoding](await compressed(bytes, encoding));
        expect(read.equals(bytes)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(COMPRESSING)('%s', (encoding) => {
  it('gives back what was compressed piece by piece', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryPieces, async (pieces) => {
        const sent = Readable.from(pieces, { objectMode: false }).pipe(compressor(encoding));
        const read = await reading[encoding](await buffer(sent));
        expect(read.equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('takes a fraction of a list', async () => {
    const list = Buffer.from(
      JSON.stringify(Array.from({ length: 1000 }, (_, id) => ({ job_id: String(id), user: {} }))),
    );
    expect((await compressed(list, encoding)).length).toBeLessThan(list.length / 5);
  });
});
