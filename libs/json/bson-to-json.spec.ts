import fc from 'fast-check';
import { BSON, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb';
import {
  arbitraryDouble,
  arbitraryInteger,
  arbitraryJsonObject,
  arbitraryJsonText,
} from '../../test/support/arbitrary-json.js';
import { BsonJsonWriter, bsonToJson, UnsupportedBsonTypeError } from './bson-to-json.js';
import { readJson } from './json-reader.js';
import { jsonEqual, type JsonObject, type JsonValue } from './json-value.js';

const read = (text: string): JsonValue => readJson(text, { maxDepth: 32 });
const written = (document: BSON.Document): string => bsonToJson(BSON.serialize(document)).toString();
/** A value's text after it was stored. */
const stored = (value: unknown): string => written({ v: value }).slice('{"v":'.length, -1);

describe('bsonToJson', () => {
  it('writes what reads back as the stored value', () => {
    fc.assert(
      fc.property(arbitraryJsonObject, (value) => {
        const text = written(value);
        const back = read(text);
        // A small Long is read back as an Int32: its text is what counts.
        expect(written(back as JsonObject)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(plainText(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back any text that was read as the same value', () => {
    fc.assert(
      fc.property(arbitraryJsonText, (text) => {
        const value = read(text);
        expect(jsonEqual(read(stored(value)), value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes strings and keys as JSON.stringify does', () => {
    const any = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(any, any, (key, value) => {
        const name = key.replaceAll('\0', '');
        expect(written(new Map([[name, value]]))).toBe(JSON.stringify({ [name]: value }));
      }),
      { numRuns: 500 },
    );
    const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    expect(stored(ascii)).toBe(JSON.stringify(ascii));
  });

  it('keeps any integer of up to 34 digits digit for digit', () => {
    fc.assert(
      fc.property(arbitraryInteger, (value) => {
        expect(stored(read(String(value)))).toBe(String(value));
      }),
      { numRuns: 1000 },
    );
    for (const digits of ['9', '1'].map((first) => first.padEnd(34, '0'))) {
      expect(stored(read(digits))).toBe(digits);
      expect(stored(read(`-${digits}`))).toBe(`-${digits}`);
    }
  });

  it('keeps any double, as a float', () => {
    fc.assert(
      fc.property(arbitraryDouble, (value) => {
        const text = stored(new Double(value));
        expect(Object.is(JSON.parse(text), value)).toBe(true);
        expect(text).toMatch(/[.e]/);
        expect(read(text)).toBeInstanceOf(Double);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [0.1, '0.1'],
    [1e20, '100000000000000000000.0'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [Number.NaN, 'null'],
    [Number.NEGATIVE_INFINITY, 'null'],
  ])('writes the double %d as %s', (value, text) => {
    expect(stored(new Double(value))).toBe(text);
  });

  it.each<[string, unknown, string]>([
    ['a date', new Date('2020-02-04T08:22:55.125Z'), '"2020-02-04T08:22:55.125Z"'],
    ['an object id', new ObjectId('0123456789abcdef01234567'), '"0123456789abcdef01234567"'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['the least Long', Long.MIN_VALUE, '-9223372036854775808'],
    ['the least Int32', new Int32(-(2 ** 31)), '-2147483648'],
    ['an empty list', [], '[]'],
    ['an empty object', {}, '{}'],
    ['a list in a list', [[new Int32(1)], []], '[[1],[]]'],
    ['no number of a foreign writer', Decimal128.fromString('NaN'), 'null'],
    ['no end of a foreign writer', Decimal128.fromString('-Infinity'), 'null'],
  ])('writes %s', (_, value, text) => {
    expect(stored(value)).toBe(text);
  });

  it('refuses a type that JSON has no form for', () => {
    expect(() => stored(Timestamp.fromBits(1, 1))).toThrow(new UnsupportedBsonTypeError(0x11));
  });

  it('writes a document in the middle of others', () => {
    const outer = BSON.serialize(new Map([['user', new Map([['a', new Int32(1)]])]]));
    expect(bsonToJson(outer, 4 + 1 + 'user\0'.length).toString()).toBe('{"a":1}');
    // The bytes of a larger buffer, as the driver hands them over.
    const padded = Buffer.concat([Buffer.alloc(3), outer, Buffer.alloc(5)]);
    expect(bsonToJson(padded.subarray(3, 3 + outer.length)).toString()).toBe('{"user":{"a":1}}');
  });
});

describe('BsonJsonWriter', () => {
  it('grows from any size, and hands over each time what was written since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitraryJsonObject, { maxLength: 4 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 100 }),
        (rounds, size) => {
          const writer = new BsonJsonWriter(size);
          const texts = rounds.map((documents) => {
            for (const document of documents) {
              writer.document(Buffer.from(BSON.serialize(document)));
              writer.raw('\n');
            }
            const pending = writer.size;
            const text = writer.take();
            expect([text.length, writer.size]).toEqual([pending, 0]);
            return text;
          });
          // Taken texts are the taker's: what is written later does not run into them.
          const expected = rounds.map((documents) => documents.map((document) => `${written(document)}\n`).join(''));
          expect(texts.map(String)).toEqual(expected);
        },
      ),
    );
  });

  it('returns where the document ends, so that the next can follow', () => {
    const documents = [new Map([['a', 'b']]), new Map([['c', null]])].map((each) => BSON.serialize(each));
    const all = Buffer.concat(documents);
    const writer = new BsonJsonWriter();
    const end = writer.document(all);
    expect(end).toBe(documents[0]?.length);
    expect(writer.document(all, end)).toBe(all.length);
    expect(writer.take().toString()).toBe('{"a":"b"}{"c":null}');
  });
});

/** The value as plain JSON text, by another way than the writer's. */
function plainText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(plainText).join()}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${plainText(item)}`).join()}}`;
  }
  if (value instanceof Double) return Object.is(value.value, -0) ? '-0' : JSON.stringify(value.value);
  if (value instanceof Int32 || value instanceof Long || value instanceof Decimal128) return value.toString();
  return JSON.stringify(value);
}
