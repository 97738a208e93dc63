import { CorruptBsonError } from './corrupt-bson-error.js';

/** BSON's element types (bsonspec.org, version 1.1) that JSON has nothing for. */
const BINARY = 0x05;
const UNDEFINED = 0x06;
const REGULAR_EXPRESSION = 0x0b;
const DB_POINTER = 0x0c;
const CODE = 0x0d;
const SYMBOL = 0x0e;
const TIMESTAMP = 0x11;
const MAX_KEY = 0x7f;
const MIN_KEY = 0xff;

/** A binary subtype whose payload repeats its length. */
const OLD_BINARY = 0x02;

/**
 * A stored value that JSON has nothing for, in MongoDB's relaxed Extended JSON (version 2): nothing of ours is stored so,
 * but another writer of the database may have.
 * @param bson holds the value at `at`, and nothing of it lies at or beyond `limit`
 */
export function extendedJson(bson: Buffer, type: number, at: number, limit: number): { json: string; end: number } {
  const reader = new ValueReader(bson, at, limit);
  const json = JSON.stringify(extendedValue(reader, type));
  return { json, end: reader.at };
}

/** What a date beyond the range of ECMAScript's is written as. */
export function extendedDate(milliseconds: bigint): string {
  return JSON.stringify({ $date: { $numberLong: milliseconds.toString() } });
}

function extendedValue(reader: ValueReader, type: number): unknown {
  switch (type) {
    case BINARY:
      return { $binary: reader.binary() };
    case UNDEFINED:
      return { $undefined: true };
    case REGULAR_EXPRESSION:
      return { $regularExpression: { pattern: reader.name(), options: reader.name() } };
    case DB_POINTER:
      return { $dbPointer: { $ref: reader.string(), $id: { $oid: reader.bytes(12).toString('hex') } } };
    case CODE:
      return { $code: reader.string() };
    case SYMBOL:
      return { $symbol: reader.string() };
    case TIMESTAMP: {
      const increment = reader.uint32();
      return { $timestamp: { t: reader.uint32(), i: increment } };
    }
    case MIN_KEY:
      return { $minKey: 1 };
    case MAX_KEY:
      return { $maxKey: 1 };
    default:
      throw new CorruptBsonError(`BSON has no type 0x${type.toString(16)}`);
  }
}

/** Reads parts of a value one after another, never beyond its document. */
class ValueReader {
  constructor(
    private readonly bson: Buffer,
    public at: number,
    private readonly limit: number,
  ) {}

  bytes(count: number): Buffer {
    const start = this.at;
    if (count < 0 || start + count > this.limit) throw new CorruptBsonError('a value of a BSON document is cut off');
    this.at += count;
    return this.bson.subarray(start, this.at);
  }

  uint32(): number {
    return this.bytes(4).readUInt32LE();
  }

  string(): string {
    const bytes = this.bytes(this.bytes(4).readInt32LE());
    if (bytes.at(-1) !== 0) throw new CorruptBsonError('a string of a BSON document does not end where it says');
    return bytes.toString('utf8', 0, bytes.length - 1);
  }

  /** Text up to a NUL. */
  name(): string {
    const end = this.bson.indexOf(0, this.at);
    if (end === -1 || end >= this.limit) throw new CorruptBsonError('a name of a BSON document does not end in it');
    const text = this.bson.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  binary(): { base64: string; subType: string } {
    const length = this.bytes(4).readInt32LE();
    const subType = this.bytes(1).readUInt8();
    const payload = this.bytes(length);
    const repeatsLength = subType === OLD_BINARY && length >= 4 && payload.readInt32LE() === length - 4;
    return {
      base64: payload.toString('base64', repeatsLength ? 4 : 0),
      subType: subType.toString(16).padStart(2, '0'),
    };
  }
}
