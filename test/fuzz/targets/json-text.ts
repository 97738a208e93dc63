import { strict as assert } from 'node:assert';
import { BSON } from 'mongodb';
import { bsonToJson, jsonEqual, JsonSyntaxError, type JsonValue, readJson, toNumber, isJsonNumber } from '#libs/json';
import type { FuzzTarget } from '../target.ts';

const DEEPEST = 100;
/** What JSON.parse takes and this reader refuses, since BSON cannot keep it. */
const REFUSED_FOR_BSON = /NUL character|half a surrogate pair|at most 34|levels deep|beyond the range/;

/** Bodies and import files: read as JSON.parse reads them, and stored and written as they were read. */
export const target: FuzzTarget = {
  seeds: () =>
    [
      '{"job_id":"1","update_pairs":{"loss":-0.5e-3,"n":[1,1.0,true,null,"\\u00e9\\ud83d\\ude00\\n"]}}',
      '[]',
      ' {"a":{"b":[[[{"c":9223372036854775808}]]]}} ',
      '"é😀"',
      '-0',
      '1E400',
    ].map((text) => Buffer.from(text)),
  words: [
    'true',
    'false',
    'null',
    '\\u0000',
    '\\ud800',
    '\\n',
    '1e',
    '"a":',
    '[[',
    ']]',
    'NaN',
    'Infinity',
    '-0.0',
    '9'.repeat(34),
  ],
  run: (input) => {
    const text = Buffer.from(input).toString();
    const parsed = parsedText(text);
    const value = readText(text, parsed !== undefined);
    if (value === undefined) return;
    assert.ok(parsed !== undefined, 'was read, and is no JSON');
    // As texts: JSON.parse has a negative zero for the integer -0, and both sort keys that are numbers.
    assert.equal(JSON.stringify(plain(value)), JSON.stringify(parsed.value));
    const stored = bsonToJson(BSON.serialize(new Map([['v', value]]))).toString();
    const back = readJson(stored, { maxDepth: DEEPEST + 2 });
    assert.ok(jsonEqual(back, new Map([['v', value]])), `was stored as ${stored.slice(0, 500)}`);
  },
};

function parsedText(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function readText(text: string, isJson: boolean): JsonValue | undefined {
  try {
    return readJson(text, { maxDepth: DEEPEST });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (isJson) assert.match(error.message, REFUSED_FOR_BSON);
    return undefined;
  }
}

function plain(value: JsonValue): unknown {
  if (value instanceof Map) {
    const object: Record<string, unknown> = {};
    for (const [key, item] of value) {
      Object.defineProperty(object, key, { value: plain(item), enumerable: true, writable: true, configurable: true });
    }
    return object;
  }
  if (Array.isArray(value)) return value.map(plain);
  return isJsonNumber(value) ? toNumber(value) : value;
}
