import fc from '../../test/support/seeded-fast-check.js';
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import {
  arbitraryDouble,
  arbitraryInteger,
  arbitraryJsonObject,
  arbitraryJsonText,
} from '../../test/support/arbitrary-json.js';
import { BsonJsonWriter, bsonToJson } from './bson-to-json.js';
import { CorruptBsonError } from './corrupt-bson-error.js';
import { readJson } from './json-reader.js';
import { jsonEqual, type JsonObject, type JsonValue } from './json-value.js';
import { OutputBuffers } from './output-buffers.js';

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
      { numRuns: 300 },
    );
  });

  it('gives back any text that was read as the same value', () => {
    fc.assert(
      fc.property(arbitraryJsonText, (text) => {
        const value = read(text);
        expect(jsonEqual(read(stored(value)), value)).toBe(true);
      }),
      { numRuns: 300 },
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
      { numRuns: 300 },
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
      { numRuns: 300 },
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

  it.each<[string, unknown, string]>([
    ['binary', new Binary(Buffer.from('ab\xff', 'latin1'), 0x80), '{"$binary":{"base64":"YWL/","subType":"80"}}'],
    ['empty binary', new Binary(new Uint8Array(0), 0), '{"$binary":{"base64":"","subType":"00"}}'],
    ['old binary', new Binary(Buffer.from('ab'), 2), '{"$binary":{"base64":"YWI=","subType":"02"}}'],
    [
      'a regular expression',
      new BSONRegExp('a"\\d', 'im'),
      '{"$regularExpression":{"pattern":"a\\"\\\\d","options":"im"}}',
    ],
    ['code', new Code('f("é")'), '{"$code":"f(\\"é\\")"}'],
    ['code with a scope', new Code('f\n', { a: 'b' }), '{"$code":"f\\n","$scope":{"a":"b"}}'],
    ['code with an empty scope', new Code('f', {}), '{"$code":"f","$scope":{}}'],
    ['a symbol', new BSONSymbol('s'), '{"$symbol":"s"}'],
    ['a timestamp', new Timestamp({ t: 2, i: 0xffff_ffff }), '{"$timestamp":{"t":2,"i":4294967295}}'],
    ['the least key', new MinKey(), '{"$minKey":1}'],
    ['the greatest key', new MaxKey(), '{"$maxKey":1}'],
  ])('writes %s as relaxed Extended JSON', (_, value, text) => {
    expect(stored(value)).toBe(text);
    expect(text).toBe(BSON.EJSON.stringify(value, { relaxed: true }));
  });

  it.each<[string, Buffer, string]>([
    ['undefined', element(0x06), '{"$undefined":true}'],
    [
      'a DBPointer',
      element(0x0c, bsonString('db.c'), Buffer.from('0123456789abcdef01234567', 'hex')),
      '{"$dbPointer":{"$ref":"db.c","$id":{"$oid":"0123456789abcdef01234567"}}}',
    ],
    [
      'old binary without its second length',
      element(0x05, int32(2), [2], Buffer.from('ab')),
      '{"$binary":{"base64":"YWI=","subType":"02"}}',
    ],
    ['the last date', element(0x09, int64(864n * 10n ** 13n)), '"+275760-09-13T00:00:00.000Z"'],
    ['a later one', element(0x09, int64(864n * 10n ** 13n + 1n)), '{"$date":{"$numberLong":"8640000000000001"}}'],
    ['the first date', element(0x09, int64(-864n * 10n ** 13n)), '"-271821-04-20T00:00:00.000Z"'],
    ['an earlier one', element(0x09, int64(-(2n ** 63n))), '{"$date":{"$numberLong":"-9223372036854775808"}}'],
  ])('writes %s of a foreign writer', (_, bytes, text) => {
    expect(bsonToJson(bson(bytes)).toString()).toBe(`{"v":${text}}`);
    const beside = bson(bytes, element(0x0a));
    expect(bsonToJson(beside).toString()).toBe(`{"v":${text},"v":null}`);
    expect(bsonToJson(bson(element(0x04, beside))).toString()).toBe(`{"v":[${text},null]}`);
  });

  it('writes documents of all types as the library says them, wherever they are in memory', () => {
    fc.assert(
      fc.property(fc.array(arbitraryDocument, { maxLength: 4 }), fc.nat(9), fc.nat(9), (documents, before, after) => {
        const all = Buffer.concat(documents.map((document) => BSON.serialize(document)));
        const memory = Buffer.concat([Buffer.alloc(before, 0x61), all, Buffer.alloc(after, 0x62)]);
        const writer = new BsonJsonWriter(1);
        let at = before;
        for (const document of documents) {
          at = writer.document(memory, at);
          expect(writer.take().toString()).toBe(libraryText(document));
        }
        expect(at).toBe(before + all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('writes integers of any number of digits', () => {
    for (let digits = 1; digits <= 19; digits += 1) {
      for (const text of ['1'.padEnd(digits, '0'), '9'.repeat(digits)]) {
        if (BigInt(text) >= 2n ** 63n) continue;
        for (const signed of [text, `-${text}`]) {
          expect(stored(Long.fromString(signed))).toBe(signed);
          if (Math.abs(Number(text)) < 2 ** 31) expect(stored(new Int32(Number(signed)))).toBe(signed);
        }
      }
    }
  });

  it('takes every byte of a string for what it is, at every place', () => {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25]) {
      for (let at = 0; at < length; at += 1) {
        for (let code = 0; code < 0x100; code += 1) {
          const text = 'a'.repeat(at) + String.fromCharCode(code) + '!'.repeat(length - at - 1);
          if (stored(text) !== JSON.stringify(text)) throw new Error(`${JSON.stringify(text)}: ${stored(text)}`);
        }
      }
    }
  });

  it('writes strings that are larger than the buffer, whatever they hold', () => {
    for (const unit of ['a', '"', '\0', 'é', '😀', 'abcdefg\n']) {
      const text = unit.repeat(150_000 / unit.length);
      expect(stored(text) === JSON.stringify(text)).toBe(true);
      expect(written(new Map([[text.replaceAll('\0', ''), null]])).length).toBeGreaterThan(0);
    }
  });

  it('replaces what is not UTF-8 as TextDecoder does, in values and names', () => {
    const awkward = fc.constantFrom(
      0x22,
      0x5c,
      0x41,
      0x01,
      0x80,
      0xbf,
      0xc3,
      0xe2,
      0x82,
      0xed,
      0xa0,
      0xf0,
      0x9f,
      0xff,
      0xef,
      0xbb,
    );
    const bytes = fc.oneof(
      fc.array(awkward, { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 }),
    );
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const decoded = (list: number[]) => JSON.stringify(decoder.decode(Uint8Array.from(list)));
    fc.assert(
      fc.property(bytes, bytes, bytes, (name, text, other) => {
        const document = bson(
          Buffer.from([0x02, ...name, 0, ...bsonString(text)]),
          element(0x0d, bsonString(other)),
          element(0x02, bsonString(other)),
        );
        const json = `{${decoded(name)}:${decoded(text)},"v":{"$code":${decoded(other)}},"v":${decoded(other)}}`;
        // What was written before and what comes after stays as it is.
        const writer = new BsonJsonWriter(1);
        writer.raw('[');
        writer.document(document);
        writer.raw(']');
        expect(writer.take().toString('latin1')).toBe(Buffer.from(`[${json}]`).toString('latin1'));
      }),
      { numRuns: 500 },
    );
    // The driver itself stores half a surrogate pair as U+FFFD.
    expect(stored('a\ud800')).toBe('"a\ufffd"');
  });

  it.each([100, 200, 5_000])('writes %d levels', (levels) => {
    const isArray = (level: number): boolean => level % 2 === 1;
    // From the inside out: a level's length, its type and name in the one around it.
    const heads: Buffer[] = [];
    const last = Buffer.from([0x10, 0x61, 0, 1, 0, 0, 0]);
    let bytes = last.length;
    for (let level = levels - 1; level >= 0; level -= 1) {
      bytes += 5;
      heads.unshift(int32(bytes));
      if (level === 0) break;
      bytes += 3;
      heads.unshift(Buffer.from([isArray(level) ? 0x04 : 0x03, 0x61, 0]));
    }
    const text = bsonToJson(Buffer.concat([...heads, last, Buffer.alloc(levels)])).toString();
    const all = Array.from({ length: levels }, (_, level) => level);
    const opening = all.map((level) => (isArray(level) ? '[' : '{"a":')).join('');
    const closing = all.reverse().map((level) => (isArray(level) ? ']' : '}'));
    expect(text === `${opening}1${closing.join('')}`).toBe(true);
  });

  it('knows any names again, and takes none for another', () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 30 }),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }),
      fc.constantFrom('long_nam1_with_an_end', 'long_nam2_with_an_end', 'long_nam1_with_an_enc'),
      fc.constantFrom('job_id', 'job_ib', 'cc_account_username', 'mila_cluster_username', 'mila_cluster_usernames'),
      fc.integer({ min: 0, max: 5000 }).map((number) => `key_${number}`),
    );
    const names = fc.array(name, { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(4), { maxLength: 30 }),
        (kinds, order) => {
          for (const kind of order) {
            const entries = (kinds[kind % kinds.length] ?? []).map(
              (text) => [text.replaceAll('\0', ''), text] as const,
            );
            const document = new Map(
              entries.map(([key, value]) => [key, value.length > 9 ? value : new Map([[key, null]])]),
            );
            expect(written(document)).toBe(libraryText(document));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses damaged bytes or writes JSON, and never reads a byte that is not the document’s', () => {
    const damage = fc.record({
      document: arbitraryDocument,
      flips: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 4, 5, 0x7f, 0xff))), {
        maxLength: 3,
      }),
      cut: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat() }),
    });
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(damage, ({ document, flips, cut }) => {
        const bytes = Buffer.from(BSON.serialize(document));
        for (const [place, value] of flips) bytes[place % bytes.length] = value;
        const length = cut === undefined ? bytes.length : cut % bytes.length;
        const texts = [0x00, 0x41, 0xff].map((around) => textAmong(bytes.subarray(0, length), around));
        expect(texts).toEqual([texts[0], texts[0], texts[0]]);
        if (texts[0] === undefined) refused += 1;
        else {
          accepted += 1;
          JSON.parse(texts[0]);
        }
      }),
      { numRuns: 1000 },
    );
    // Both must have been seen for this to have tested anything.
    expect([refused > 100, accepted > 100]).toEqual([true, true]);
  });

  it('refuses a document that is cut anywhere, and each length that is wrong', () => {
    const document = BSON.serialize(
      new Map<string, unknown>([
        ['s', 'text'],
        ['d', new Map([['a', [new Int32(1), 'b']]])],
        ['c', new Code('code', { x: 'y' })],
        ['b', new Binary(Buffer.from('ab'), 2)],
        ['r', new BSONRegExp('r', 'i')],
        ['t', new Date(0)],
        ['o', new ObjectId()],
        ['n', Decimal128.fromString('1')],
        ['f', new Double(0.5)],
        ['l', Long.MAX_VALUE],
        ['z', true],
      ]),
    );
    for (let length = 0; length < document.length; length += 1) {
      const cut = Buffer.from(document.subarray(0, length));
      expect(() => bsonToJson(cut)).toThrow(CorruptBsonError);
      // The same with a length that says so.
      if (length < 5) continue;
      cut.writeInt32LE(length);
      expect(() => bsonToJson(cut)).toThrow(CorruptBsonError);
      cut[length - 1] = 0;
      expect(textAmong(cut, 0x41)).toBe(textAmong(cut, 0xff));
    }
    for (const start of [-1, 1, document.length, document.length + 1]) {
      expect(() => bsonToJson(document, start)).toThrow(CorruptBsonError);
    }
    // An end before the end, and a name that the document's last byte ends, though it is one that is guessed.
    expect(() => bsonToJson(bson([0, 0]))).toThrow(CorruptBsonError);
    for (let time = 0; time < 3; time += 1)
      expect(written({ cc_account_username: null })).toBe('{"cc_account_username":null}');
    expect(() => bsonToJson(bson(Buffer.from('\ncc_account_username')))).toThrow(CorruptBsonError);
    expect(() => bsonToJson(bson(element(0x03, bson(Buffer.from('\nv'))), element(0x0a)))).toThrow(CorruptBsonError);
    for (const type of [0x14, 0x20, 0x7e, 0x80, 0xfe]) {
      expect(() => bsonToJson(bson(element(type)))).toThrow(
        new CorruptBsonError(`BSON has no type 0x${type.toString(16)}`),
      );
    }
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

  it('is as it was before a document that is refused', () => {
    const writer = new BsonJsonWriter(8);
    writer.document(BSON.serialize({ a: 'b'.repeat(50) }));
    const damaged = BSON.serialize({ c: { d: 'e'.repeat(500) }, f: 1 });
    damaged[damaged.length - 8] = 0x66; // the type of f
    const { size } = writer;
    expect(() => writer.document(damaged)).toThrow(CorruptBsonError);
    expect(writer.size).toBe(size);
    writer.document(BSON.serialize({ g: null }));
    expect(writer.take().toString()).toBe(`{"a":"${'b'.repeat(50)}"}{"g":null}`);
  });

  it('writes into the buffers of a pool, again and again', () => {
    const buffers = new OutputBuffers(1024, 2);
    const writer = new BsonJsonWriter(buffers);
    const memory = new Set<ArrayBufferLike>();
    for (let round = 0; round < 50; round += 1) {
      writer.document(BSON.serialize({ round: new Int32(round) }));
      const first = writer.take();
      writer.document(BSON.serialize({ round: 'second' }));
      const second = writer.take();
      expect([first.toString(), second.toString()]).toEqual([`{"round":${round}}`, '{"round":"second"}']);
      for (const text of [first, second]) {
        memory.add(text.buffer);
        buffers.recycle(text);
      }
    }
    expect(memory.size).toBe(2);
  });

  it('outgrows the buffers of a pool without keeping one from it', () => {
    const buffers = new OutputBuffers(1024, 2);
    const small = buffers.lend();
    buffers.recycle(small);
    const writer = new BsonJsonWriter(buffers);
    writer.raw('[');
    writer.document(BSON.serialize({ a: 'b'.repeat(5000) }));
    const large = writer.take();
    expect(large.toString()).toBe(`[{"a":"${'b'.repeat(5000)}"}`);
    buffers.recycle(large);
    expect(buffers.lend().buffer).toBe(small.buffer);
    expect(buffers.lend()).toHaveLength(1024);
  });

  it('takes nothing for an empty text', () => {
    const buffers = new OutputBuffers(1024, 2);
    const text = new BsonJsonWriter(buffers).take();
    expect(text).toHaveLength(0);
    buffers.recycle(text);
    expect(buffers.lend()).toHaveLength(1024);
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

/** Without that of vectors, whose payload the library checks. */
const arbitrarySubType = fc.nat(255).filter((subType) => subType !== 9);
/** Values of every type that the library can serialize. */
const arbitraryLeaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.integer().map((value) => new Int32(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.double().map((value) => new Double(value)),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Decimal128(bytes)),
  fc.tuple(fc.uint8Array({ maxLength: 20 }), arbitrarySubType).map(([bytes, subType]) => new Binary(bytes, subType)),
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(([bits]) => new Timestamp(bits)),
  fc.string({ maxLength: 10 }).map((text) => new BSONRegExp(text.replaceAll('\0', ''), 'im')),
  fc.string({ unit: 'binary', maxLength: 10 }).map((text) => new Code(text)),
  fc.string({ unit: 'binary', maxLength: 10 }).map((text) => new Code(text, { text })),
  fc.string({ unit: 'binary', maxLength: 10 }).map((text) => new BSONSymbol(text)),
);
const arbitraryName = fc.oneof(
  fc.constantFrom('', 'a', 'id', 'job', 'name', 'job_id', 'account', 'work_dir', 'cc_account_username', 'x'.repeat(24)),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', '')),
);
const arbitraryDocument: fc.Arbitrary<BSON.Document> = fc.letrec<{ value: unknown; object: Map<string, unknown> }>(
  (tie) => ({
    value: fc.oneof({ maxDepth: 3 }, arbitraryLeaf, tie('object'), fc.array(tie('value'), { maxLength: 4 })),
    object: fc.array(fc.tuple(arbitraryName, tie('value')), { maxLength: 6 }).map((entries) => new Map(entries)),
  }),
).object;

/** A document's text, by another way than the writer's: what JSON has no form for as the library writes it. */
function libraryText(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${libraryText(item)}`).join()}}`;
  }
  if (Array.isArray(value)) return `[${value.map(libraryText).join()}]`;
  if (value instanceof Double) {
    if (!Number.isFinite(value.value)) return 'null';
    const text = Object.is(value.value, -0) ? '-0' : String(value.value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  if (
    value instanceof Int32 ||
    value instanceof Decimal128 ||
    (value instanceof Long && !(value instanceof Timestamp))
  ) {
    return value.toString().replace(/^-?(?:NaN|Infinity)$/, 'null');
  }
  if (value instanceof ObjectId) return `"${value.toHexString()}"`;
  if (value === null || typeof value !== 'object' || value instanceof Date) return JSON.stringify(value);
  return BSON.EJSON.stringify(value, { relaxed: true });
}

/** The text of what lies in the middle of other bytes, written into a buffer that held such bytes; nothing if it is refused. */
function textAmong(bytes: Uint8Array, around: number): string | undefined {
  const memory = Buffer.concat([Buffer.alloc(64, around), bytes, Buffer.alloc(64, around)]);
  const buffers = new OutputBuffers(2048, 1);
  buffers.recycle(buffers.lend().fill(around));
  const writer = new BsonJsonWriter(buffers);
  try {
    writer.document(memory.subarray(64, 64 + bytes.length));
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptBsonError);
    expect(writer.size).toBe(0);
    return undefined;
  }
  return writer.take().toString();
}

type Bytes = Uint8Array | number[];

/** A document of elements, byte by byte. */
function bson(...elements: Bytes[]): Buffer {
  const content = Buffer.concat(elements.map((each) => Buffer.from(each)));
  return Buffer.concat([int32(content.length + 5), content, Buffer.alloc(1)]);
}

/** An element named `v`. */
function element(type: number, ...value: Bytes[]): Buffer {
  return Buffer.concat([Buffer.from([type, 0x76, 0]), ...value.map((each) => Buffer.from(each))]);
}

function bsonString(content: string | number[]): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return Buffer.concat([int32(bytes.length + 1), bytes, Buffer.alloc(1)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
