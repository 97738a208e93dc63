import fc from './seeded-fast-check.js';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import type { JsonObject, JsonValue } from '#libs/json';

/** Keys over which readers and writers of objects stumble. */
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '_bsontype',
  '',
  'a.b',
  '$set',
  '$',
  '.',
  '0',
  '10',
  '😀',
  ' ',
];

const key = fc.oneof(
  fc.constantFrom(...ODD_KEYS),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '/', '\0', '\b', '\f', '\n', '\r', '\t', '\u001f', '\u007f', 'é', '😀'),
  }),
);
const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2 });

/** An integer that 34 digits hold, short ones and the borders of the stored types more often. */
export const arbitraryInteger: fc.Arbitrary<bigint> = fc.oneof(
  fc.integer().map(BigInt),
  fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
  fc
    .tuple(fc.constantFrom(31n, 32n, 53n, 63n, 64n), fc.constantFrom(-1n, 0n, 1n), fc.constantFrom(-1n, 1n))
    .map(([bits, near, sign]) => sign * 2n ** bits + near),
);

/** A finite double; every bit pattern may come. */
export const arbitraryDouble: fc.Arbitrary<number> = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Numbers as JSON may write them, also in ways that no writer chooses. */
const numberText = fc.oneof(
  arbitraryInteger.map(String),
  arbitraryDouble.map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '-0.0', '0e0', '1E5', '1e-7', '1.50', '-1.5e+3', '1e21', '0.1e1', '5e-324'),
);

/** JSON texts: any white space, any way to write a character, any key, keys given twice. */
export const arbitraryJsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; list: string }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(fc.constantFrom('null', 'true', 'false'), numberText, written(text)),
      tie('list'),
      tie('object'),
    ),
    list: fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }), space)
      .map(([items, inside]) => `[${items.map((item) => item.join('')).join(',') || inside}]`),
    object: fc
      .tuple(fc.array(fc.tuple(space, written(key), space, space, tie('value'), space), { maxLength: 4 }), space)
      .map(([entries, inside]) => `{${entries.map(entryText).join(',') || inside}}`),
  }),
).value;

function entryText([before, name, after, ...rest]: [string, string, string, ...string[]]): string {
  return `${before}${name}${after}:${rest.join('')}`;
}

/** A string in double quotes, some of its characters as escapes that need not be. */
function written(content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(content, fc.func(fc.nat(7))).map(([plain, choice]) => {
    const characters = Array.from(plain, (character, at) => {
      if (choice(at, character) === 0) return escaped(character);
      return character === '/' && choice(at) === 1 ? '\\/' : JSON.stringify(character).slice(1, -1);
    });
    return `"${characters.join('')}"`;
  });
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

const jsonNumber = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }).map((value) => Decimal128.fromString(String(value))),
  arbitraryDouble.map((value) => new Double(value)),
);

const trees = fc.letrec<{ value: JsonValue; object: JsonObject; list: JsonValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), jsonNumber, text),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
}));

/** JSON values in the form in which they are stored. */
export const arbitraryJsonValue: fc.Arbitrary<JsonValue> = trees.value;
export const arbitraryJsonObject: fc.Arbitrary<JsonObject> = trees.object;
