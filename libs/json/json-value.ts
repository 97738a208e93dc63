import { Decimal128, Double, Int32, Long } from 'mongodb';

/** A JSON number as it is stored: the BSON type says how it was written, so that it prints the same again. */
export type JsonNumber = Int32 | Long | Decimal128 | Double;

/**
 * A JSON value on its way between text and BSON. Objects are Maps: a Map has no prototype to trip over
 * (`__proto__`), keeps the order of its keys, and the BSON serializer takes its entries as they are
 * (a plain object with a key `_bsontype` would be taken for a BSON type).
 */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isJsonNumber(value: JsonValue | undefined): value is JsonNumber {
  return value instanceof Int32 || value instanceof Long || value instanceof Decimal128 || value instanceof Double;
}

/** What plain code hands over: numbers become 32-bit integers where they are such, doubles otherwise. */
export type PlainJson = null | boolean | number | string | readonly PlainJson[] | { readonly [key: string]: PlainJson };

export function fromPlainJson(value: PlainJson): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return plainNumber(value);
  if (isPlainList(value)) return value.map(fromPlainJson);
  return new Map(Object.entries(value).map(([key, item]) => [key, fromPlainJson(item)]));
}

function isPlainList(value: PlainJson): value is readonly PlainJson[] {
  return Array.isArray(value);
}

function plainNumber(value: number): JsonNumber {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return value === (value | 0) ? new Int32(value) : Long.fromNumber(value);
  }
  return new Double(value);
}

/** A number's value where a JavaScript number can hold it exactly enough to count with (sizes, seconds, task ids). */
export function toNumber(value: JsonNumber): number {
  return value instanceof Int32 || value instanceof Double ? value.value : Number(value.toString());
}

/** Whether the value was written as an integer: `10`, not `10.0`. */
export function isInteger(value: JsonValue | undefined): value is Int32 | Long | Decimal128 {
  return value instanceof Int32 || value instanceof Long || value instanceof Decimal128;
}

/** Equal as JSON: the order of an object's keys does not count, `1` and `1.0` are different. */
export function jsonEqual(left: JsonValue, right: JsonValue): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => jsonEqual(item, right[index] ?? null))
    );
  }
  if (isJsonObject(left)) {
    if (!isJsonObject(right) || left.size !== right.size) return false;
    return [...left].every(([key, item]) => {
      const other = right.get(key);
      return other !== undefined && jsonEqual(item, other);
    });
  }
  if (isJsonNumber(left)) {
    return isJsonNumber(right) && left.constructor === right.constructor && sameNumber(left, right);
  }
  return left === right;
}

function sameNumber(left: JsonNumber, right: JsonNumber): boolean {
  if (left instanceof Double && right instanceof Double) return Object.is(left.value, right.value);
  return left.toString() === right.toString();
}
