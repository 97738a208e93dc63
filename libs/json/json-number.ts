import { Decimal128, Double, Int32, Long } from 'mongodb';
import { JsonSyntaxError } from './json-errors.js';
import type { JsonNumber } from './json-value.js';

/** Decimal128 keeps 34 significant decimal digits (IEEE 754-2008 decimal128). */
const MAX_INTEGER_DIGITS = 34;
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * The stored form of a number's text, which must follow the grammar of RFC 8259: an integer as the narrowest of
 * 32-bit, 64-bit and Decimal128 that holds it exactly, anything with a fraction or an exponent as the nearest double.
 * @throws JsonSyntaxError for an integer of over 34 digits and for a number beyond the range of a double.
 */
export function numberFromText(text: string): JsonNumber {
  if (/[.eE]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) {
      throw new JsonSyntaxError(`the number ${shorten(text)} is beyond the range of a double (about 1.8e308)`);
    }
    return new Double(value);
  }
  const digits = text.startsWith('-') ? text.length - 1 : text.length;
  if (digits <= 9) return new Int32(Number(text) + 0); // `+ 0` makes the integer -0 the 0 that it is
  if (digits > MAX_INTEGER_DIGITS) {
    throw new JsonSyntaxError(
      `the integer ${shorten(text)} has ${digits} digits, at most ${MAX_INTEGER_DIGITS} can be kept exactly: send it as a string`,
    );
  }
  const value = BigInt(text);
  if (value <= INT32_MAX && value >= -INT32_MAX - 1n) return new Int32(Number(value));
  if (value <= INT64_MAX && value >= -INT64_MAX - 1n) return Long.fromBigInt(value);
  return Decimal128.fromString(text);
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 20)}…`;
}
