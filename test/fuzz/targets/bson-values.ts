import { strict as assert } from 'node:assert';
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
import type { FuzzTarget } from '../target.ts';
import { checkWritten } from './written-bson.ts';

const DEEPEST = 40;

/** Documents of any values, told by the input byte by byte: the writer refuses none. */
export const target: FuzzTarget = {
  seeds: () => [
    Buffer.from(Array.from({ length: 64 }, (_, at) => at * 7)),
    Buffer.from('\x03\x02ab\x02\x05hello\x02\x02é\n\x0f\0\x01', 'latin1'),
    Buffer.from('\x02\x40'.repeat(40) + 'a'.repeat(400), 'latin1'),
  ],
  words: ['slurm', 'job_id', '__proto__', '"\\', '\x1f', 'é', '😀', '\ud800'],
  run: (input) => {
    const document = new ValueSource(input).document(0);
    const bson = BSON.serialize(document, { ignoreUndefined: false });
    assert.notEqual(checkWritten(bson), null, 'a document was refused');
  },
};

/** Values out of bytes; where there are none left they are the least. */
class ValueSource {
  private at = 0;
  private readonly input: Buffer;

  constructor(input: Uint8Array) {
    this.input = Buffer.from(input);
  }

  document(depth: number): Map<string, unknown> {
    const entries = new Map<string, unknown>();
    for (let count = this.byte() % 8; count > 0; count -= 1) {
      entries.set(this.text(16).replaceAll('\0', ''), this.value(depth));
    }
    return entries;
  }

  private byte(): number {
    const byte = this.input[this.at] ?? 0;
    this.at += 1;
    return byte;
  }

  private bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    bytes.set(this.input.subarray(this.at, this.at + count));
    this.at += count;
    return bytes;
  }

  /** Any characters, of which many are those that stand for bytes. */
  private text(most: number): string {
    const bytes = this.bytes(this.byte() % most);
    return (this.byte() & 1) === 0 ? bytes.toString('latin1') : bytes.toString('utf8');
  }

  private value(depth: number): unknown {
    switch (this.byte() % 20) {
      case 0:
        return this.text(256);
      case 1:
        return new Int32(this.bytes(4).readInt32LE());
      case 2:
        return Long.fromBigInt(this.bytes(8).readBigInt64LE());
      case 3:
        return new Double(this.bytes(8).readDoubleLE());
      case 4:
        return new Double(this.byte() - 128);
      case 5:
        return depth < DEEPEST ? this.document(depth + 1) : null;
      case 6:
        return depth < DEEPEST ? Array.from({ length: this.byte() % 6 }, () => this.value(depth + 1)) : [];
      case 7:
        return (this.byte() & 1) === 0;
      case 8:
        return new Date(this.bytes(6).readIntLE(0, 6));
      case 9:
        return new ObjectId(this.bytes(12));
      case 10:
        return new Decimal128(this.bytes(16));
      case 11:
        return new Binary(this.bytes(this.byte()), this.byte());
      case 12:
        return new BSONRegExp(this.text(16).replaceAll('\0', ''), 'im');
      case 13:
        return depth < DEEPEST ? new Code(this.text(64), this.document(depth + 1)) : new Code(this.text(64));
      case 14:
        return new BSONSymbol(this.text(64));
      case 15:
        return new Timestamp({ t: this.bytes(4).readUInt32LE(), i: this.byte() });
      case 16:
        return new MinKey();
      case 17:
        return new MaxKey();
      case 18:
        return this.text(12);
      default:
        return null;
    }
  }
}
