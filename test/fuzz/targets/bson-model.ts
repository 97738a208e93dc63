import { Decimal128 } from 'mongodb';

/** Bytes that are no document. */
export class NoDocument extends Error {
  override readonly name = 'NoDocument';
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const MOST_DATE = 8_640_000_000_000_000n;
const OLD_BINARY = 2;

/** What the product writes of a document, told in the plainest way: one value after another, by JSON.stringify. */
export function modelText(bson: Uint8Array): string {
  const bytes = Buffer.from(bson);
  return new Model(bytes, bytes.length).document('object');
}

class Model {
  private at = 0;
  private readonly bytes: Buffer;
  /** Nothing of the present document lies there or beyond. */
  private limit: number;

  constructor(bytes: Buffer, limit: number) {
    this.bytes = bytes;
    this.limit = limit;
  }

  document(kind: 'object' | 'list'): string {
    const outer = this.limit;
    const start = this.at;
    const length = this.take(4).readInt32LE();
    if (length < 5 || start + length > outer) throw new NoDocument();
    const last = start + length - 1;
    if (this.bytes[last] !== 0) throw new NoDocument();
    this.limit = last;
    const parts: string[] = [];
    while (this.at < last) {
      const type = this.take(1).readUInt8();
      if (type === 0) throw new NoDocument();
      const name = this.name();
      const value = this.value(type);
      parts.push(kind === 'list' ? value : `${JSON.stringify(name)}:${value}`);
    }
    this.at = last + 1;
    this.limit = outer;
    return kind === 'list' ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
  }

  private take(count: number): Buffer {
    const start = this.at;
    if (count < 0 || start + count > this.limit) throw new NoDocument();
    this.at += count;
    return this.bytes.subarray(start, this.at);
  }

  private name(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end >= this.limit) throw new NoDocument();
    const text = decoder.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  private string(): string {
    const text = this.take(this.take(4).readInt32LE());
    if (text.length === 0 || text.at(-1) !== 0) throw new NoDocument();
    return decoder.decode(text.subarray(0, -1));
  }

  private value(type: number): string {
    switch (type) {
      case 0x01:
        return doubleText(this.take(8).readDoubleLE());
      case 0x03:
        return this.document('object');
      case 0x04:
        return this.document('list');
      case 0x08:
        return this.take(1)[0] === 0 ? 'false' : 'true';
      case 0x09:
        return dateText(this.take(8).readBigInt64LE());
      case 0x0a:
        return 'null';
      case 0x0f:
        return this.codeWithScope();
      case 0x10:
        return String(this.take(4).readInt32LE());
      case 0x12:
        return String(this.take(8).readBigInt64LE());
      case 0x13: {
        const text = new Decimal128(Uint8Array.from(this.take(16))).toString();
        return /NaN|Inf/.test(text) ? 'null' : text;
      }
      default:
        return JSON.stringify(this.extended(type));
    }
  }

  private codeWithScope(): string {
    const end = this.at + this.take(4).readInt32LE();
    const code = this.string();
    const scope = this.document('object');
    if (this.at !== end) throw new NoDocument();
    return `{"$code":${JSON.stringify(code)},"$scope":${scope}}`;
  }

  private extended(type: number): unknown {
    switch (type) {
      case 0x02:
        return this.string();
      case 0x05:
        return { $binary: this.binary() };
      case 0x06:
        return { $undefined: true };
      case 0x07:
        return this.take(12).toString('hex');
      case 0x0b:
        return { $regularExpression: { pattern: this.name(), options: this.name() } };
      case 0x0c:
        return { $dbPointer: { $ref: this.string(), $id: { $oid: this.take(12).toString('hex') } } };
      case 0x0d:
        return { $code: this.string() };
      case 0x0e:
        return { $symbol: this.string() };
      case 0x11: {
        const increment = this.take(4).readUInt32LE();
        return { $timestamp: { t: this.take(4).readUInt32LE(), i: increment } };
      }
      case 0x7f:
        return { $maxKey: 1 };
      case 0xff:
        return { $minKey: 1 };
      default:
        throw new NoDocument();
    }
  }

  private binary(): { base64: string; subType: string } {
    const length = this.take(4).readInt32LE();
    const subType = this.take(1).readUInt8();
    let payload = this.take(length);
    if (subType === OLD_BINARY && length >= 4 && payload.readInt32LE() === length - 4) payload = payload.subarray(4);
    return { base64: payload.toString('base64'), subType: subType.toString(16).padStart(2, '0') };
  }
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  const text = JSON.stringify(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function dateText(milliseconds: bigint): string {
  const outside = milliseconds > MOST_DATE || milliseconds < -MOST_DATE;
  return JSON.stringify(
    outside ? { $date: { $numberLong: String(milliseconds) } } : new Date(Number(milliseconds)).toISOString(),
  );
}
