import { Decimal128 } from 'mongodb';

/** BSON's element types (bsonspec.org, version 1.1) that Clockwork stores. */
const DOUBLE = 0x01;
const STRING = 0x02;
const DOCUMENT = 0x03;
const ARRAY = 0x04;
const OBJECT_ID = 0x07;
const BOOLEAN = 0x08;
const DATE = 0x09;
const NULL = 0x0a;
const INT32 = 0x10;
const INT64 = 0x12;
const DECIMAL128 = 0x13;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef');
/** Control characters that JSON has a short escape for (RFC 8259, section 7). */
const SHORT_ESCAPES = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
]);
/** Below this many bytes a loop copies faster than a call of TypedArray.set. */
const SHORT_RUN = 24;

/** Thrown for a stored value that has no form in our JSON: a sign of a foreign writer, never of a caller's mistake. */
export class UnsupportedBsonTypeError extends Error {
  override readonly name = 'UnsupportedBsonTypeError';
  constructor(type: number) {
    super(`BSON type 0x${type.toString(16)} cannot be written as JSON`);
  }
}

/**
 * Writes BSON documents as JSON text without making objects of them. Integers come out digit for digit, doubles always
 * as floats (`1.0`, `-0.0`), dates as ISO 8601 strings. The text grows in one buffer; `take` hands it over.
 */
export class BsonJsonWriter {
  private out: Buffer;
  private length = 0;

  constructor(private readonly initialSize = 64 * 1024) {
    this.out = Buffer.allocUnsafe(initialSize);
  }

  /** Bytes written and not yet taken. */
  get size(): number {
    return this.length;
  }

  /** The text so far, which is the caller's from now on. */
  take(): Buffer {
    const text = this.out.subarray(0, this.length);
    this.out = Buffer.allocUnsafe(this.initialSize);
    this.length = 0;
    return text;
  }

  /** Takes back the last bytes written. */
  drop(count: number): void {
    this.length -= count;
  }

  /** Text that stands between documents: brackets, commas, line ends. ASCII only. */
  raw(text: string): void {
    this.reserve(text.length);
    this.length += this.out.write(text, this.length, 'latin1');
  }

  /** The text of an object without keys: what is answered where there is nothing. */
  EMPTY_OBJECT = Buffer.from('{}');

  /** The document that starts at `start` of `bson`; returns where it ends. */
  document(bson: Buffer, start = 0): number {
    return this.container(bson, start, false);
  }

  private container(bson: Buffer, start: number, isArray: boolean): number {
    const end = start + bson.readInt32LE(start) - 1;
    let at = start + 4;
    let first = true;
    this.byte(isArray ? 0x5b : 0x7b);
    while (at < end) {
      const type = bson.readUInt8(at);
      const nameStart = at + 1;
      const nameEnd = bson.indexOf(0, nameStart);
      if (!first) this.byte(COMMA);
      first = false;
      if (!isArray) {
        this.string(bson, nameStart, nameEnd);
        this.byte(COLON);
      }
      at = this.value(bson, type, nameEnd + 1);
    }
    this.byte(isArray ? 0x5d : 0x7d);
    return end + 1;
  }

  private value(bson: Buffer, type: number, at: number): number {
    switch (type) {
      case STRING: {
        const next = at + 4 + bson.readInt32LE(at);
        this.string(bson, at + 4, next - 1);
        return next;
      }
      case INT32:
        this.raw(String(bson.readInt32LE(at)));
        return at + 4;
      case NULL:
        this.raw('null');
        return at;
      case DOUBLE:
        this.raw(doubleText(bson.readDoubleLE(at)));
        return at + 8;
      case DOCUMENT:
        return this.container(bson, at, false);
      case ARRAY:
        return this.container(bson, at, true);
      case BOOLEAN:
        this.raw(bson.readUInt8(at) === 0 ? 'false' : 'true');
        return at + 1;
      case INT64:
        this.raw(bson.readBigInt64LE(at).toString());
        return at + 8;
      case DECIMAL128:
        this.raw(decimalText(bson.subarray(at, at + 16)));
        return at + 16;
      case DATE:
        this.raw(`"${new Date(Number(bson.readBigInt64LE(at))).toISOString()}"`);
        return at + 8;
      case OBJECT_ID:
        this.raw(`"${bson.toString('hex', at, at + 12)}"`);
        return at + 12;
      default:
        throw new UnsupportedBsonTypeError(type);
    }
  }

  /** UTF-8 goes out as it is; only quotes, backslashes and control characters are escaped. */
  private string(bson: Buffer, start: number, end: number): void {
    this.reserve((end - start) * 6 + 2);
    this.out[this.length++] = QUOTE;
    let runStart = start;
    for (let at = start; at < end; at += 1) {
      const byte = bson[at] ?? 0;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) continue;
      this.copy(bson, runStart, at);
      runStart = at + 1;
      this.escape(byte);
    }
    this.copy(bson, runStart, end);
    this.out[this.length++] = QUOTE;
  }

  private escape(byte: number): void {
    this.out[this.length++] = BACKSLASH;
    const short = SHORT_ESCAPES.get(byte);
    if (short !== undefined) {
      this.length += this.out.write(short, this.length, 'latin1');
    } else if (byte < 0x20) {
      this.length += this.out.write('u00', this.length, 'latin1');
      this.out[this.length++] = HEX[byte >> 4] ?? 0;
      this.out[this.length++] = HEX[byte & 15] ?? 0;
    } else {
      this.out[this.length++] = byte;
    }
  }

  private copy(bson: Buffer, start: number, end: number): void {
    if (end - start < SHORT_RUN) {
      for (let at = start; at < end; at += 1) this.out[this.length++] = bson[at] ?? 0;
    } else {
      this.out.set(bson.subarray(start, end), this.length);
      this.length += end - start;
    }
  }

  private byte(value: number): void {
    this.reserve(1);
    this.out[this.length++] = value;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.out.length * 2));
    this.out.copy(larger, 0, 0, this.length);
    this.out = larger;
  }
}

/** The text of an object without keys: what is answered where there is nothing. */
export const EMPTY_OBJECT = Buffer.from('{}');

/** The document that starts at `start` as JSON text. */
export function bsonToJson(bson: Uint8Array, start = 0): Buffer {
  const writer = new BsonJsonWriter(bson.length * 2 + 16);
  writer.document(Buffer.from(bson.buffer, bson.byteOffset, bson.byteLength), start);
  return writer.take();
}

/** The shortest digits that read back as the same double, always with a point or an exponent, so that it stays a float. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Only integers are stored as Decimal128; one that somebody else stored keeps its value in the library's notation. */
function decimalText(bytes: Buffer): string {
  const text = new Decimal128(bytes).toString();
  return /^-?(?:NaN|Infinity)$/.test(text) ? 'null' : text;
}
