import fc from '../../test/support/seeded-fast-check.js';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { arbitraryDouble, arbitraryInteger, arbitraryJsonText } from '../../test/support/arbitrary-json.js';
import { JsonSyntaxError } from './json-errors.js';
import { readJson } from './json-reader.js';
import { isJsonNumber, isJsonObject, type JsonValue, toNumber } from './json-value.js';

const DEPTH = { maxDepth: 32 };
const read = (text: string): JsonValue => readJson(text, DEPTH);

/** A value as text, whatever made it: entries in the order of their keys, numbers as the nearest double, 0 without a sign. */
function meaning(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(meaning).join()}]`;
  if (typeof value === 'number') return String(value + 0);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isJsonNumber(value as JsonValue)) return String(toNumber(value as Double) + 0);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${meaning(item)}`)
    .sort()
    .join()}}`;
}

describe('readJson', () => {
  it('reads whatever JSON.parse reads, as the same', () => {
    fc.assert(
      fc.property(arbitraryJsonText, (text) => {
        expect(meaning(read(text))).toBe(meaning(JSON.parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a cut, changed or random text as JSON.parse does, and throws nothing but JsonSyntaxError', () => {
    const broken = fc.oneof(
      fc.tuple(arbitraryJsonText, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
      fc
        .tuple(arbitraryJsonText, fc.nat(), fc.constantFrom(...Array.from('{}[],:"\\+-.eE01nulltrue\u0001 \ud800')))
        .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice(at % (text.length + 1))),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('{}[],:"\\-+.eE0123456789nultrefas \n')) }),
    );
    fc.assert(
      fc.property(broken, (text) => {
        const parsed = outcome(() => JSON.parse(text) as unknown);
        const ours = outcome(() => read(text));
        if (!parsed.read) expect(ours.error).toBeInstanceOf(JsonSyntaxError);
        // What BSON cannot keep is refused although it is JSON.
        else if (!ours.read)
          expect(ours.error.message).toMatch(/NUL character|half a surrogate|digits|range of a double/);
        else expect(meaning(ours.value)).toBe(meaning(parsed.value));
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    ['an object', '{"a":1}'],
    ['white space around it', ' \t\r\n{"a" : [ ] } \n'],
  ])('reads %s', (_, text) => {
    expect(isJsonObject(read(text))).toBe(true);
  });

  it('keeps an object as a Map: any key, in the order given', () => {
    const value = read('{"__proto__":1,"":2,"😀":3,"$set":4,"a.b":5,"constructor":6,"2":7,"1":8}') as Map<
      string,
      Int32
    >;
    expect([...value].map(([key, item]) => [key, item.value])).toEqual([
      ['__proto__', 1],
      ['', 2],
      ['😀', 3],
      ['$set', 4],
      ['a.b', 5],
      ['constructor', 6],
      ['2', 7],
      ['1', 8],
    ]);
  });

  it('lets the last count of a key given twice, and tells of those of the outermost object', () => {
    const repeated: string[] = [];
    const text = '{"a":1,"b":{"c":1,"c":2},"\\u0061":3,"a":null,"d":[{"e":1,"e":2}]}';
    const value = readJson(text, { ...DEPTH, onRepeatedKey: (key) => repeated.push(key) });
    expect(meaning(value)).toBe('{"a":null,"b":{"c":2},"d":[{"e":2}]}');
    expect(repeated).toEqual(['a', 'a']);
  });

  it.each([
    ['{"a":1', 'it is not JSON: it ends where a comma or } should be'],
    ['', 'it is not JSON: it ends where a value should be'],
    ['"abc', 'it is not JSON: it ends inside a string'],
    ['{"a" 1}', 'it is not JSON: "1" where a colon should be, at character 6'],
    ["{'a':1}", `it is not JSON: "'" where a key in double quotes should be, at character 2`],
    ['{"a":1,}', 'it is not JSON: "}" where a key in double quotes should be, at character 8'],
    ['[1,]', 'it is not JSON: "]" where a value should be, at character 4'],
    ['[1 2]', 'it is not JSON: "2" where a comma or ] should be, at character 4'],
    ['{} {}', 'it is not JSON: "{" after the end of the value, at character 4'],
    ['01', 'it is not JSON: "1" after the end of the value, at character 2'],
    ['+1', 'it is not JSON: "+" where a value should be, at character 1'],
    ['tru', 'it is not JSON: "t" where a value should be, at character 1'],
    ['None', 'it is not JSON: "N" where a value should be, at character 1'],
    ['😀', 'it is not JSON: "😀" where a value should be, at character 1'],
    ['"a\nb"', 'it is not JSON: "\\n" inside a string, at character 3'],
    ['"a\u0000b"', 'it is not JSON: "\\u0000" inside a string, at character 3'],
    ['"\\x41"', 'it is not JSON: "\\\\" in an escape, at character 2'],
    ['"\\u12g4"', 'it is not JSON: "\\\\" in a \\u escape, at character 2'],
  ])('says of %j what is wrong, and where', (text, message) => {
    expect(() => read(text)).toThrow(new JsonSyntaxError(message));
  });

  it.each(['NaN', 'nan', 'Infinity', '-Infinity', '-NaN', 'inf', '-inf'])('suggests null for %s', (word) => {
    expect(() => read(`{"loss": ${word}}`)).toThrow(
      new JsonSyntaxError(`${word} is not JSON and cannot be kept: send null instead`),
    );
  });

  it.each(['"\\ud83d"', '"\\ude00"', '"\\ude00\\ud83d"', '{"\\ud800":1}', '"\ud800"'])(
    'refuses half a surrogate pair: %s',
    (text) => {
      expect(() => read(text)).toThrow('half a surrogate pair');
    },
  );

  it('reads a surrogate pair of two escapes', () => {
    expect(read('"\\ud83d\\uDE00"')).toBe('😀');
  });

  it('refuses a NUL in a key at any level, and keeps one in a value', () => {
    expect(() => read('{"a\\u0000":1}')).toThrow('a key holds a NUL character, which cannot be stored');
    expect(() => read('[{"b":{"\\u0000":1}}]')).toThrow('NUL');
    expect(read('"a\\u0000b"')).toBe('a\0b');
  });

  it('takes as many levels as it is told, and no more', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const mixed = (levels: number): string => '{"a":['.repeat(levels / 2) + '1' + ']}'.repeat(levels / 2);
    for (const text of [nested, mixed]) {
      expect(read(text(32))).toBeDefined();
      expect(() => read(text(34))).toThrow('it is more than 32 levels deep');
    }
    expect(() => read('['.repeat(5_000_000))).toThrow('levels deep');
    expect(read(`[${'[],'.repeat(1000)}[]]`)).toHaveLength(1001);
  });

  it('reads strings of many megabytes, plain and escaped', () => {
    const plain = 'x'.repeat(16 * 1024 * 1024);
    expect(read(`"${plain}"`) === plain).toBe(true);
    expect(read(`"${'\\n'.repeat(1_000_000)}"`)).toHaveLength(1_000_000);
  });
});

describe('numbers', () => {
  it('are the narrowest integers that hold them exactly', () => {
    fc.assert(
      fc.property(arbitraryInteger, (value) => {
        const stored = read(String(value)) as Int32 | Long | Decimal128;
        expect(stored.toString()).toBe(String(value));
        const bits = value < 0n ? -value - 1n : value;
        expect(stored).toBeInstanceOf(bits < 2n ** 31n ? Int32 : bits < 2n ** 63n ? Long : Decimal128);
      }),
      { numRuns: 1000 },
    );
  });

  it('with a fraction or an exponent are the nearest double', () => {
    fc.assert(
      fc.property(arbitraryDouble, fc.integer({ min: 0, max: 20 }), (value, digits) => {
        for (const text of [value.toExponential(), value.toExponential(digits)]) {
          if (!Number.isFinite(Number(text))) continue; // rounded up beyond the largest
          const stored = read(text);
          expect(stored).toBeInstanceOf(Double);
          expect((stored as Double).value).toBe(Number(text));
        }
      }),
    );
  });

  it.each<[string, Int32 | Double]>([
    ['-0', new Int32(0)],
    ['-0.0', new Double(-0)],
    ['-0e5', new Double(-0)],
    ['1.0', new Double(1)],
    ['1e0', new Double(1)],
    ['1e-400', new Double(0)],
    ['1.7976931348623157e308', new Double(Number.MAX_VALUE)],
  ])('%s', (text, expected) => {
    const stored = read(text);
    expect(stored).toBeInstanceOf(expected.constructor);
    expect((stored as Int32).value).toBe(expected.value);
  });

  it.each(['1', '-1'])('of over 34 digits are refused: %s…', (start) => {
    expect(() => read(start + '0'.repeat(33))).not.toThrow();
    expect(() => read(start + '0'.repeat(34))).toThrow(
      'has 35 digits, at most 34 can be kept exactly: send it as a string',
    );
  });

  it.each(['1e309', '-1e400', '1e999999999999', `${'9'.repeat(400)}.5`])(
    'beyond a double are refused: %.20s',
    (text) => {
      expect(() => read(text)).toThrow('is beyond the range of a double');
    },
  );

  it('of a megabyte are refused in a short sentence', () => {
    for (const text of ['9'.repeat(1_000_000), `${'9'.repeat(1_000_000)}.5`]) {
      expect(outcome(() => read(text)).error?.message.length).toBeLessThan(150);
    }
  });
});

type Outcome<T> = { read: true; value: T; error?: undefined } | { read: false; error: Error };

function outcome<T>(reading: () => T): Outcome<T> {
  try {
    return { read: true, value: reading() };
  } catch (error) {
    return { read: false, error: error as Error };
  }
}
