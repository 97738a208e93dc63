import fc from '../../test/support/seeded-fast-check.js';
import { BSON, Int32 } from 'mongodb';
import { readJson, type JsonObject, type JsonValue } from '#libs/json';
import { arbitraryJsonObject } from '../../test/support/arbitrary-json.js';
import { depthOf, dictLimitExceeded, MOST_DICT_BYTES, MOST_DICT_DEPTH } from './user-dict-limits.js';

/** A dict of so many levels, objects and lists in turn. */
function nested(levels: number): JsonObject {
  let value: JsonValue = null;
  for (let level = levels; level >= 1; level -= 1) value = level % 2 === 0 ? [value] : new Map([['a', value]]);
  return value as unknown as JsonObject;
}

describe('depthOf', () => {
  it.each([
    ['1', 0],
    ['"x"', 0],
    ['null', 0],
    ['{}', 1],
    ['[]', 1],
    ['{"a":1}', 1],
    ['{"a":{}}', 2],
    ['{"a":[[1]],"b":{}}', 3],
    ['{"a":1,"b":[{"c":[]}]}', 4],
  ])('of %s is %d', (text, depth) => {
    expect(depthOf(readJson(text, { maxDepth: 10 }))).toBe(depth);
  });

  it('is the least that the reader has to be allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (levels) => {
        const text = '{"a":['.repeat(levels) + ']}'.repeat(levels);
        expect(depthOf(readJson(text, { maxDepth: 2 * levels }))).toBe(2 * levels);
        expect(() => readJson(text, { maxDepth: 2 * levels - 1 })).toThrow();
      }),
    );
  });
});

describe('dictLimitExceeded', () => {
  it('allows 32 levels, the dict being the first', () => {
    expect(dictLimitExceeded(nested(MOST_DICT_DEPTH))).toBeNull();
    expect(dictLimitExceeded(nested(MOST_DICT_DEPTH + 1))).toBe('it may be at most 32 levels deep');
  });

  it('allows 1 MiB as stored, to the byte', () => {
    const overhead = BSON.serialize(new Map([['a', '']])).length;
    const fits = new Map([['a', 'x'.repeat(MOST_DICT_BYTES - overhead)]]);
    expect(BSON.serialize(fits)).toHaveLength(MOST_DICT_BYTES);
    expect(dictLimitExceeded(fits)).toBeNull();
    expect(dictLimitExceeded(new Map([['a', `${fits.get('a') ?? ''}x`]]))).toBe('it may take at most 1 MiB as stored');
    expect(dictLimitExceeded(new Map([['a', new Array<Int32>(100_000).fill(new Int32(0))]]))).not.toBeNull();
  });

  it('measures what is stored', () => {
    fc.assert(
      fc.property(arbitraryJsonObject, (dict) => {
        expect(BSON.calculateObjectSize(dict)).toBe(BSON.serialize(dict).length);
      }),
    );
  });
});
