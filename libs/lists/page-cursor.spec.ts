import fc from '../../test/support/seeded-fast-check.js';
import { Long } from 'mongodb';
import { Problem } from '#libs/common';
import { openCursor, type PageCursor, sealCursor } from './page-cursor.js';

const SECRET = Buffer.alloc(32, 7);
const LIST = 'xYz-0123456789_abcdefg';

const instant = fc.oneof(fc.constant(new Date(-8.64e15)), fc.date({ noInvalidDate: true }));
const arbitraryCursor: fc.Arbitrary<PageCursor> = fc.record({
  position: fc.array(
    fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'grapheme' }),
      instant,
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
    ),
    { maxLength: 4 },
  ),
  instant: fc.option(instant),
  move: fc.maxSafeNat(),
});

const example: PageCursor = {
  position: [new Date('2024-05-06T07:08:09Z'), 'mila', Long.fromNumber(4_711)],
  instant: null,
  move: 17,
};

/** What is a character of a URL, whether it is base64url's or not. */
const character = fc.constantFrom(
  ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.~ \n\0é😀'),
);

function refused(text: string, list = LIST, secret = SECRET): void {
  let thrown: unknown;
  try {
    openCursor(secret, list, text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Problem);
  expect(thrown).toMatchObject({ status: 400, detail: expect.stringMatching(/^after: .*\.$/) as string });
}

describe('a page cursor', () => {
  it('is opened as what was sealed, and goes into a URL as it is', () => {
    fc.assert(
      fc.property(
        arbitraryCursor,
        fc.string(),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (cursor, list, key) => {
          const secret = Buffer.from(key);
          const text = sealCursor(secret, list, cursor);
          expect(text).toMatch(/^[\w-]+$/);
          expect(openCursor(secret, list, text)).toEqual(cursor);
          expect(sealCursor(secret, list, cursor)).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the type of a number of 64 bits, which the database compares by it', () => {
    const [, , number] = openCursor(SECRET, LIST, sealCursor(SECRET, LIST, example)).position;
    expect(number).toEqual(Long.fromNumber(4_711));
  });

  it('takes what is not there for null, as the order does', () => {
    const text = sealCursor(SECRET, LIST, { ...example, position: [undefined, 'mila'] });
    expect(openCursor(SECRET, LIST, text).position).toEqual([null, 'mila']);
  });

  it('can be made of names of any length', () => {
    const cursor = { ...example, position: ['mila', 'n'.repeat(8_000)] };
    expect(openCursor(SECRET, LIST, sealCursor(SECRET, LIST, cursor))).toEqual(cursor);
  });

  it('is refused with any character changed', () => {
    fc.assert(
      fc.property(arbitraryCursor, fc.nat(), character, (cursor, place, other) => {
        const text = sealCursor(SECRET, LIST, cursor);
        const at = place % text.length;
        fc.pre(text[at] !== other);
        refused(text.slice(0, at) + other + text.slice(at + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('is refused with any bit of it changed', () => {
    const bytes = Buffer.from(sealCursor(SECRET, LIST, example), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      refused(changed.toString('base64url'));
    }
  });

  it('is refused cut, wherever', () => {
    const text = sealCursor(SECRET, LIST, example);
    for (let length = 0; length < text.length; length += 1) {
      refused(text.slice(0, length));
      refused(text.slice(text.length - length));
    }
  });

  it('is refused with anything before or after it', () => {
    fc.assert(
      fc.property(arbitraryCursor, fc.string({ unit: character, minLength: 1, maxLength: 5 }), (cursor, more) => {
        const text = sealCursor(SECRET, LIST, cursor);
        refused(text + more);
        refused(more + text);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused for another list, and by another secret', () => {
    const text = sealCursor(SECRET, LIST, example);
    for (const other of ['', LIST.slice(1), `${LIST}x`, LIST.toLowerCase()]) refused(text, other);
    refused(text, LIST, Buffer.alloc(32, 8));
    refused(text, LIST, SECRET.subarray(1));
  });

  it.each(['', 'x', '-', 'null', '%00', 'A'.repeat(22), 'A'.repeat(5_000), '{"position":[]}'])(
    'is not taken for one: %j',
    (text) => {
      refused(text);
    },
  );
});
