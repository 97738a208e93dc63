import fc from '../../test/support/seeded-fast-check.js';
import { BSON, type Document } from 'mongodb';
import type { RawDocuments } from '#libs/database';
import { OutputBuffers } from '#libs/json';
import { ListText } from './list-text.js';

const MEDIA_TYPES = ['application/json', 'application/x-ndjson'] as const;
type MediaType = (typeof MEDIA_TYPES)[number];

/** What JSON.stringify writes as the list writer does: no floats, which it writes without a fraction. */
const values = fc.letrec<{ value: unknown; document: Document }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string({ unit: 'grapheme', maxLength: 30 })),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('document'),
  ),
  document: fc.dictionary(
    fc.string({ maxLength: 5 }).map((key) => key.replaceAll('\0', '')),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
}));
/** Empty and one-key documents are where a cut could be taken for an end. */
const arbitraryDocument = fc.oneof(fc.constantFrom<Document>({}, { a: {} }, { a: [] }, { a: '}' }), values.document);
const arbitraryBatches = fc.array(fc.array(arbitraryDocument, { minLength: 1, maxLength: 8 }), { maxLength: 4 });
/** In bytes. */
const arbitraryPieceSize = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 }));

/** Documents as a server's answer has them: one after another in a BSON array, in the midst of other bytes. */
function batchOf(documents: readonly Document[], before = 0): RawDocuments {
  const array = BSON.serialize({ b: documents });
  // The outer length, the array's type and name, its length; the first item's type and name.
  const first = 4 + 1 + 'b\0'.length + 4 + 1 + '0\0'.length;
  const bytes = Buffer.concat([Buffer.alloc(before, 3), array, Buffer.alloc(before, 3)]);
  return { bytes, start: before + first, count: documents.length };
}

function piecesOf(text: ListText, batches: readonly RawDocuments[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (const batch of batches) {
    text.begin(batch);
    for (let piece = text.piece(); piece !== null; piece = text.piece()) pieces.push(piece);
  }
  return [...pieces, text.end()];
}

function expected(mediaType: MediaType, documents: readonly Document[]): string {
  if (mediaType === 'application/json') return JSON.stringify(documents);
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('');
}

/** Whether a reader could take a text for a whole list. */
function isWhole(mediaType: MediaType, text: string): boolean {
  if (mediaType === 'application/json') return parses(text);
  const lastLine = text.trimEnd().split('\n').at(-1) ?? '';
  return lastLine === '' || parses(lastLine);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe.each(MEDIA_TYPES)('ListText as %s', (mediaType) => {
  it('is the text of the documents, in whatever batches they come and pieces they go', () => {
    fc.assert(
      fc.property(arbitraryBatches, arbitraryPieceSize, fc.nat(20), (batches, size, before) => {
        const pieces = piecesOf(
          new ListText(mediaType, size),
          batches.map((documents) => batchOf(documents, before)),
        );
        expect(Buffer.concat(pieces).toString()).toBe(expected(mediaType, batches.flat()));
        expect(pieces.slice(0, -1).every((piece) => piece.length >= size)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is never taken for whole before its end', () => {
    fc.assert(
      fc.property(arbitraryBatches, arbitraryPieceSize, (batches, size) => {
        const pieces = piecesOf(
          new ListText(mediaType, size),
          batches.map((documents) => batchOf(documents)),
        );
        const cuts = pieces.slice(0, -1).map((_, index) => Buffer.concat(pieces.slice(0, index + 1)).toString());
        expect(cuts.filter((cut) => isWhole(mediaType, cut))).toEqual([]);
        expect(isWhole(mediaType, Buffer.concat(pieces).toString())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is one piece where no size is given', () => {
    fc.assert(
      fc.property(arbitraryBatches, (batches) => {
        const [piece, ...more] = piecesOf(
          new ListText(mediaType),
          batches.map((documents) => batchOf(documents)),
        );
        expect(more).toEqual([]);
        expect(piece?.toString()).toBe(expected(mediaType, batches.flat()));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps documents of thousands of items apart', () => {
    // Their indices in the array have from one digit to four.
    const documents = Array.from({ length: 1_200 }, (_, id) => ({ id, parts: { text: 'x'.repeat(id % 50) } }));
    const pieces = piecesOf(new ListText(mediaType, 4_096), [batchOf(documents), batchOf(documents.slice(0, 11))]);
    expect(Buffer.concat(pieces).toString()).toBe(expected(mediaType, [...documents, ...documents.slice(0, 11)]));
    expect(pieces.length).toBeGreaterThan(10);
  });

  it('hands out pieces that nothing is written into any more', () => {
    const text = new ListText(mediaType, 16);
    const documents = Array.from({ length: 50 }, (_, id) => ({ id, text: 'twenty characters...' }));
    text.begin(batchOf(documents));
    const handed: { piece: Buffer; then: string }[] = [];
    for (let piece = text.piece(); piece !== null; piece = text.piece()) handed.push({ piece, then: piece.toString() });
    text.end();
    expect(handed.length).toBeGreaterThan(20);
    expect(handed.map(({ piece }) => piece.toString())).toEqual(handed.map(({ then }) => then));
  });

  it('is the same from buffers that come back when a piece is sent', () => {
    fc.assert(
      fc.property(arbitraryBatches, arbitraryPieceSize, (batches, size) => {
        const buffers = new OutputBuffers(size + 20, 2);
        const text = new ListText(mediaType, size, buffers);
        const sent: Buffer[] = [];
        for (const documents of batches) {
          text.begin(batchOf(documents));
          for (let piece = text.piece(); piece !== null; piece = text.piece()) {
            sent.push(Buffer.from(piece));
            buffers.recycle(piece.fill('#'));
          }
        }
        expect(Buffer.concat([...sent, text.end()]).toString()).toBe(expected(mediaType, batches.flat()));
      }),
      { numRuns: 200 },
    );
  });

  it('refuses an array that holds something else than documents', () => {
    const array = BSON.serialize({ b: [{ a: 1 }, 'text'] });
    const text = new ListText(mediaType);
    text.begin({ bytes: Buffer.from(array), start: 14, count: 2 });
    expect(() => text.piece()).toThrow('the batch holds something that is no document');
  });
});
