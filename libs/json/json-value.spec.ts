import fc from '../../test/support/seeded-fast-check.js';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { arbitraryJsonText, arbitraryJsonValue } from '../../test/support/arbitrary-json.js';
import { readJson } from './json-reader.js';
import { fromPlainJson, isInteger, jsonEqual, type JsonValue, type PlainJson, toNumber } from './json-value.js';

const read = (text: string): JsonValue => readJson(text, { maxDepth: 32 });

describe('jsonEqual', () => {
  it('holds between readings of one text, in whatever order the keys are', () => {
    fc.assert(
      fc.property(arbitraryJsonText, (text) => {
        expect(jsonEqual(read(text), reversed(read(text)))).toBe(true);
      }),
    );
  });

  it('is symmetric, and holds between equal texts alone', () => {
    fc.assert(
      fc.property(arbitraryJsonValue, arbitraryJsonValue, (left, right) => {
        expect(jsonEqual(left, left)).toBe(true);
        expect(jsonEqual(left, right)).toBe(jsonEqual(right, left));
        expect(jsonEqual([left], left)).toBe(false);
      }),
    );
  });

  it.each([
    ['1', '1.0'],
    ['0.0', '-0.0'],
    ['1', '"1"'],
    ['null', 'false'],
    ['null', '[]'],
    ['[]', '{}'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,null]'],
    ['[null]', '[]'],
    ['{"a":null}', '{"b":null}'],
    ['{"a":null}', '{}'],
    ['{"a":1}', '{"a":1,"b":2}'],
    ['9007199254740993', '9007199254740992'],
    ['18446744073709551615', '18446744073709551616'],
    ['"a"', '"A"'],
  ])('%s and %s are different', (left, right) => {
    expect(jsonEqual(read(left), read(right))).toBe(false);
    expect(jsonEqual(read(right), read(left))).toBe(false);
  });

  it.each([
    ['{"a":1,"b":[1,{"c":2,"d":3}]}', '{"b":[1,{"d":3,"c":2}],"a":1}'],
    ['1.0', '1e0'],
    ['18446744073709551615', '18446744073709551615'],
    ['-0', '0'],
    ['"\\u0061"', '"a"'],
  ])('%s and %s are equal', (left, right) => {
    expect(jsonEqual(read(left), read(right))).toBe(true);
  });
});

describe('fromPlainJson', () => {
  it('means what JSON.stringify writes, with keys of any name', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('\\u0000') && !/\\ud[89a-f]/.test(JSON.stringify(value)));
        expect(meaning(fromPlainJson(value as PlainJson))).toBe(meaning(read(JSON.stringify(value))));
      }),
    );
    expect(fromPlainJson(JSON.parse('{"__proto__":"x"}') as PlainJson)).toEqual(new Map([['__proto__', 'x']]));
  });

  it.each<[number, JsonValue]>([
    [0, new Int32(0)],
    [2 ** 31 - 1, new Int32(2 ** 31 - 1)],
    [-(2 ** 31), new Int32(-(2 ** 31))],
    [2 ** 31, Long.fromNumber(2 ** 31)],
    [2 ** 53 - 1, Long.fromNumber(2 ** 53 - 1)],
    [2 ** 53, new Double(2 ** 53)],
    [-0, new Double(-0)],
    [0.5, new Double(0.5)],
  ])('keeps %d', (value, expected) => {
    expect(jsonEqual(fromPlainJson(value), expected)).toBe(true);
  });
});

describe('numbers', () => {
  it('tell integers from floats', () => {
    expect(['1', '9999999999', '18446744073709551615'].map((text) => isInteger(read(text)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['1.0', '1e3', '"1"', 'null'].map((text) => isInteger(read(text)))).toEqual([false, false, false, false]);
    expect(isInteger(undefined)).toBe(false);
  });

  it('come as JavaScript numbers', () => {
    const numbers = [
      new Int32(-5),
      new Double(0.25),
      Long.fromNumber(2 ** 40),
      Decimal128.fromString('1' + '0'.repeat(20)),
    ];
    expect(numbers.map(toNumber)).toEqual([-5, 0.25, 2 ** 40, 1e20]);
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  return value instanceof Map ? new Map([...value].reverse().map(([key, item]) => [key, reversed(item)])) : value;
}

/** Numbers as doubles: what JSON.stringify has written has lost whether it was one. */
function meaning(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(meaning).join()}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${meaning(item)}`).join()}}`;
  return value === null || typeof value !== 'object' ? JSON.stringify(value) : String(toNumber(value) + 0);
}
