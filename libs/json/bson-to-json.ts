import { isUtf8 } from 'node:buffer';
import { Decimal128 } from 'mongodb';
import { CorruptBsonError } from './corrupt-bson-error.js';
import { extendedDate, extendedJson } from './extended-json.js';
import { endOfName, FIELD_TEXT_ROOM, FieldNames } from './field-names.js';
import { OutputBuffers } from './output-buffers.js';

/** BSON's element types (bsonspec.org, version 1.1) that JSON or the contract has a form for; extended-json.ts has the others. */
const END = 0x00;
const DOUBLE = 0x01;
const STRING = 0x02;
const DOCUMENT = 0x03;
const ARRAY = 0x04;
const OBJECT_ID = 0x07;
const BOOLEAN = 0x08;
const DATE = 0x09;
const NULL = 0x0a;
const CODE_WITH_SCOPE = 0x0f;
const INT32 = 0x10;
const INT64 = 0x12;
const DECIMAL128 = 0x13;

/** The shortest document: its length and its last byte. */
const EMPTY_DOCUMENT_BYTES = 5;
/** Milliseconds from the epoch to either end of ECMAScript's dates (ECMA-262, 21.4.1.1). */
const MOST_DATE = 8_640_000_000_000_000n;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Two braces: the scope's and that of the value which it is a part of. */
const CLOSE_SCOPE = 0x7d7d;
/** `null` as the word that it is in little-endian memory. */
const NULL_WORD = 0x6c6c756e;
const LETTER_U = 0x75;

/** Text is moved by words of so many bytes. */
const WORD = 8;
/** Room for a comma, a name that has an entry, and a value that is no string: what each element may write without asking. */
const ELEMENT_ROOM = FIELD_TEXT_ROOM + 96;
/** Bytes of a string for which the room that escapes may take is asked for at once. */
const ESCAPED_RUN = 1024;
/** The longest escape: `\u001f`. */
const ESCAPE_BYTES = 6;

/** The letter of each byte's escape, `u` where there is no short one, 0 where it needs none (RFC 8259, section 7). */
const ESCAPE_LETTERS = escapeLetters();

const NOTHING = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));
const DEFAULT_SIZE = 64 * 1024;

/** Shared by all writers: the fields of our documents are the same all the time. */
const fieldNames = new FieldNames();

/**
 * Writes BSON documents as JSON text without making objects of them. Integers come out digit for digit, doubles always
 * as floats (`1.0`, `-0.0`; those that JSON has no number for as `null`), dates as ISO 8601 strings, object ids as their
 * hexadecimal digits. Everything else that can be stored has the form that MongoDB's relaxed Extended JSON gives it:
 *
 *     binary      {"$binary":{"base64":"…","subType":"00"}}     undefined   {"$undefined":true}
 *     regex       {"$regularExpression":{"pattern":"…","options":"…"}}
 *     code        {"$code":"…"}, {"$code":"…","$scope":{…}}     symbol      {"$symbol":"…"}
 *     DBPointer   {"$dbPointer":{"$ref":"…","$id":{"$oid":"…"}}}
 *     timestamp   {"$timestamp":{"t":…,"i":…}}                  min, max    {"$minKey":1}, {"$maxKey":1}
 *     date beyond ±8.64e15 ms      {"$date":{"$numberLong":"…"}}
 *
 * The text is valid UTF-8 whatever is stored: what is not becomes U+FFFD, as TextDecoder has it. Documents may be nested
 * to any depth; each level takes a few bytes of memory and no stack.
 *
 * The text grows in one buffer; `take` hands it over.
 */
export class BsonJsonWriter {
  private readonly buffers: OutputBuffers;
  private out: Buffer = NOTHING;
  private outView: DataView = NO_VIEW;
  private length = 0;
  /** The last place from which there is room for an element. */
  private room = -ELEMENT_ROOM;
  /** What the last document was in, until the text is taken. */
  private source: Uint8Array = NOTHING;
  private view: DataView = NO_VIEW;
  /** Of each object and array that is open around the present one: its last byte, its closing text, its context. */
  private readonly open: number[] = [];
  /** Where the bytes after the value that was written last are. */
  private next = 0;
  /** Whether the document has text beyond ASCII. */
  private hasNonAscii = false;

  /** @param buffers where the text is written: a pool, or how many bytes to start with */
  constructor(buffers: OutputBuffers | number = DEFAULT_SIZE) {
    this.buffers = typeof buffers === 'number' ? new OutputBuffers(buffers, 0) : buffers;
  }

  /** Bytes written and not yet taken. */
  get size(): number {
    return this.length;
  }

  /** The text so far, which is the caller's from now on; one who writes into a pool's buffers recycles it when it is sent. */
  take(): Buffer {
    const text = this.out.subarray(0, this.length);
    this.use(NOTHING);
    this.length = 0;
    this.source = NOTHING;
    this.view = NO_VIEW;
    return text;
  }

  /** Takes back the last bytes written. */
  drop(count: number): void {
    this.length -= count;
  }

  /** Text that stands between documents: brackets, commas, line ends. ASCII only. */
  raw(text: string): void {
    this.reserve(this.length, text.length);
    this.length = this.ascii(text, this.length);
  }

  /**
   * Writes the document that starts at `start` of `bson`, which may hold anything before and after it.
   * @returns where it ends
   * @throws CorruptBsonError for what is no document; nothing is written then
   */
  document(bson: Uint8Array, start = 0): number {
    if (bson !== this.source) this.read(bson);
    if (start < 0) throw cutOff();
    const limit = lastByte(this.view, start, bson.length);
    this.length = this.elements(start, limit, this.length);
    return limit + 1;
  }

  private read(bson: Uint8Array): void {
    this.source = bson;
    this.view = new DataView(bson.buffer, bson.byteOffset, bson.byteLength);
  }

  /**
   * Everything in the document, nested or not, in one loop. Strings of ASCII without escapes, which is most of what there
   * is, are copied and checked here, by words: V8 inlines only so much into one function, and with calls for it the writer
   * takes a tenth longer. (Moved as doubles, ASCII stays what it is. Other bytes may be a NaN, whose bits are not kept for
   * sure: a string that has such is written anew.)
   * @param last where the document's last byte is
   * @returns where the text ends
   */
  private elements(start: number, last: number, to: number): number {
    const { view, open } = this;
    this.begin();
    let pos = to;
    let at = start + 4;
    let limit = last;
    let closing = CLOSE_OBJECT;
    // What is written before the next element: before the first, the opening bracket.
    let separator = OPEN_OBJECT;
    // A name is guessed by the name before it and by the object that it is in.
    let previous = 0;
    let context = 0;
    for (;;) {
      if (pos > this.room) this.reserve(pos, ELEMENT_ROOM);
      let out = this.outView;
      const type = view.getUint8(at);
      at += 1;
      if (type === END) {
        if (at <= limit) throw new CorruptBsonError('a BSON document ends before its length');
        pos = close(separator, closing, out, pos);
        if (open.length === 0) return this.hasNonAscii ? this.repaired(to, pos) : pos;
        context = open.pop() ?? 0;
        closing = open.pop() ?? 0;
        limit = open.pop() ?? 0;
        separator = COMMA;
        continue;
      }
      out.setUint8(pos, separator);
      pos += 1;
      separator = COMMA;
      if (closing === CLOSE_ARRAY) {
        at = endOfName(view, at, limit) + 1;
      } else {
        previous = fieldNames.find(view, at, limit, last, previous + context);
        if (previous === 0) {
          pos = this.name(at, limit, pos);
          at = this.next;
          out = this.outView;
        } else {
          pos = fieldNames.write(previous, out, pos);
          at += fieldNames.nameBytes(previous);
        }
      }
      if (type === STRING) {
        const text = at + 4;
        at = endOfString(view, at, limit) - 1;
        if (pos + at - text > this.room) {
          this.reserve(pos, at - text + ELEMENT_ROOM);
          out = this.outView;
        }
        if (at - text < WORD) {
          pos = this.short(text, at, pos);
        } else {
          out.setUint8(pos, QUOTE);
          const shift = pos + 1 - text;
          // The last word overlaps the one before it.
          const lastWord = at - WORD;
          let found = 0;
          for (let word = text; ; word = Math.min(word + WORD, lastWord)) {
            out.setFloat64(word + shift, view.getFloat64(word, true), true);
            found |= special(view.getInt32(word, true), view.getInt32(word + 4, true));
            if (word === lastWord) break;
          }
          if ((found & SPECIAL) === 0) {
            out.setUint8(at + shift, QUOTE);
            pos = at + shift + 1;
          } else {
            pos = this.escaped(text, at, pos);
          }
        }
        at += 1;
      } else if (type === NULL) {
        out.setInt32(pos, NULL_WORD, true);
        pos += 4;
      } else if (type === DOCUMENT || type === ARRAY || type === CODE_WITH_SCOPE) {
        open.push(limit, closing, context);
        context = Math.imul(previous, 37);
        if (type === CODE_WITH_SCOPE) {
          pos = this.code(at, limit, pos);
          at = this.next;
        }
        limit = lastByte(view, at, limit);
        at += 4;
        closing = type === DOCUMENT ? CLOSE_OBJECT : type === ARRAY ? CLOSE_ARRAY : CLOSE_SCOPE;
        separator = type === ARRAY ? OPEN_ARRAY : OPEN_OBJECT;
      } else {
        pos = this.value(type, at, limit, pos);
        at = this.next;
      }
    }
  }

  private begin(): void {
    this.open.length = 0;
    this.hasNonAscii = false;
  }

  /** A value of another type. @returns where its text ends; `next` is where the bytes after it are */
  private value(type: number, at: number, limit: number, pos: number): number {
    switch (type) {
      case INT32:
        this.next = within(at + 4, limit);
        return digits(this.view.getInt32(at, true), this.outView, pos);
      case DOUBLE:
        this.next = within(at + 8, limit);
        return this.double(this.view.getFloat64(at, true), pos);
      case BOOLEAN:
        this.next = within(at + 1, limit);
        return this.ascii(this.view.getUint8(at) === 0 ? 'false' : 'true', pos);
      case INT64:
        this.next = within(at + 8, limit);
        return this.int64(at, pos);
      case OBJECT_ID:
        this.next = within(at + 12, limit);
        return this.ascii(`"${this.bytes(at, at + 12).toString('hex')}"`, pos);
      case DATE:
        this.next = within(at + 8, limit);
        return this.ascii(dateText(this.view.getBigInt64(at, true)), pos);
      case DECIMAL128:
        this.next = within(at + 16, limit);
        return this.ascii(decimalText(this.bytes(at, at + 16)), pos);
      default:
        return this.extended(type, at, limit, pos);
    }
  }

  /** A name without an entry, and its colon. */
  private name(at: number, limit: number, to: number): number {
    const end = endOfName(this.view, at, limit);
    const pos = this.escaped(at, end, to);
    this.next = end + 1;
    return this.ascii(':', pos);
  }

  /** The code before its scope, which is at `next`. */
  private code(at: number, limit: number, to: number): number {
    within(at + 8, limit);
    const scope = endOfString(this.view, at + 4, limit);
    const end = within(at + this.view.getInt32(at, true), limit);
    if (lastByte(this.view, scope, limit) + 1 !== end) throw cutOff();
    this.next = scope;
    const pos = this.escaped(at + 8, scope - 1, this.ascii('{"$code":', to));
    return this.ascii(',"$scope":', pos);
  }

  private extended(type: number, at: number, limit: number, pos: number): number {
    const { json, end } = extendedJson(this.bytes(0, this.source.length), type, at, limit);
    this.next = end;
    this.reserve(pos, Buffer.byteLength(json) + ELEMENT_ROOM);
    return pos + this.out.write(json, pos);
  }

  private double(value: number, pos: number): number {
    if (!Number.isFinite(value)) return this.ascii('null', pos);
    if (value === (value | 0) && !Object.is(value, -0)) return this.ascii('.0', digits(value, this.outView, pos));
    return this.ascii(doubleText(value), pos);
  }

  private int64(at: number, pos: number): number {
    const low = this.view.getInt32(at, true);
    if (this.view.getInt32(at + 4, true) === low >> 31) return digits(low, this.outView, pos);
    return this.ascii(this.view.getBigInt64(at, true).toString(), pos);
  }

  /** A string of less than a word. */
  private short(start: number, end: number, to: number): number {
    const { view, outView: out } = this;
    const bytes = end - start;
    let found = 0;
    out.setUint8(to, QUOTE);
    if (bytes >= 4) {
      const first = view.getInt32(start, true);
      const last = view.getInt32(end - 4, true);
      out.setInt32(to + 1, first, true);
      out.setInt32(to + bytes - 3, last, true);
      found = special(first, last);
    } else {
      for (let at = 0; at < bytes; at += 1) {
        const byte = view.getUint8(start + at);
        out.setUint8(to + 1 + at, byte);
        found |= special(byte | 0x20202000, 0x20202020);
      }
    }
    if ((found & SPECIAL) !== 0) return this.escaped(start, end, to);
    out.setUint8(to + 1 + bytes, QUOTE);
    return to + bytes + 2;
  }

  /** Any string, byte by byte; room for an element remains behind it. */
  private escaped(start: number, end: number, to: number): number {
    this.outView.setUint8(to, QUOTE);
    let pos = to + 1;
    for (let run = start; run < end; run += ESCAPED_RUN) {
      const runEnd = Math.min(run + ESCAPED_RUN, end);
      this.reserve(pos, (runEnd - run) * ESCAPE_BYTES + ELEMENT_ROOM);
      pos = this.escapedRun(run, runEnd, pos);
    }
    this.outView.setUint8(pos, QUOTE);
    return pos + 1;
  }

  private escapedRun(start: number, end: number, to: number): number {
    const { view, outView: out } = this;
    let pos = to;
    let seen = 0;
    for (let at = start; at < end; at += 1) {
      const byte = view.getUint8(at);
      seen |= byte;
      const letter = ESCAPE_LETTERS[byte] ?? 0;
      if (letter === 0) {
        out.setUint8(pos, byte);
        pos += 1;
      } else {
        out.setUint8(pos, BACKSLASH);
        out.setUint8(pos + 1, letter);
        pos += 2;
        if (letter === LETTER_U) pos = this.ascii(byte.toString(16).padStart(4, '0'), pos);
      }
    }
    if (seen > 0x7f) this.hasNonAscii = true;
    return pos;
  }

  /** Replaces what is not UTF-8 in the document's text. Quotes are ASCII, so that no sequence reaches beyond its string. */
  private repaired(from: number, to: number): number {
    const text = this.out.subarray(from, to);
    if (isUtf8(text)) return to;
    const replaced = Buffer.from(text.toString());
    this.reserve(from, replaced.length);
    replaced.copy(this.out, from);
    return from + replaced.length;
  }

  /** Text for which there is room. */
  private ascii(text: string, pos: number): number {
    const out = this.outView;
    for (let at = 0; at < text.length; at += 1) out.setUint8(pos + at, text.charCodeAt(at));
    return pos + text.length;
  }

  private bytes(start: number, end: number): Buffer {
    return Buffer.from(this.source.buffer, this.source.byteOffset + start, end - start);
  }

  /** Makes room for more bytes after `used`, which stay. */
  private reserve(used: number, more: number): void {
    const needed = used + more;
    if (needed <= this.out.length) return;
    const larger =
      needed <= this.buffers.size && this.out.length === 0
        ? this.buffers.lend()
        : Buffer.allocUnsafeSlow(Math.max(needed, this.out.length * 2, this.buffers.size));
    const outgrown = this.out;
    outgrown.copy(larger, 0, 0, used);
    this.use(larger);
    this.buffers.recycle(outgrown);
  }

  private use(out: Buffer): void {
    this.out = out;
    this.outView = out === NOTHING ? NO_VIEW : new DataView(out.buffer);
    this.room = out.length - ELEMENT_ROOM;
  }
}

/** The text of an object without keys: what is answered where there is nothing. */
export const EMPTY_OBJECT = Buffer.from('{}');

/** The buffer in which single documents are written before their text is copied out in its own size. */
const singleBuffers = new OutputBuffers(DEFAULT_SIZE, 1);
const singleWriter = new BsonJsonWriter(singleBuffers);

/** The document that starts at `start` as JSON text. @throws CorruptBsonError */
export function bsonToJson(bson: Uint8Array, start = 0): Buffer {
  singleWriter.document(bson, start);
  const text = singleWriter.take();
  const copy = Buffer.from(text);
  singleBuffers.recycle(text);
  return copy;
}

/** Where the last byte of the document at `at` is, which lies before `limit`. */
function lastByte(view: DataView, at: number, limit: number): number {
  if (at + EMPTY_DOCUMENT_BYTES > limit) throw cutOff();
  const length = view.getInt32(at, true);
  const last = at + length - 1;
  if (length < EMPTY_DOCUMENT_BYTES || last >= limit) throw cutOff();
  if (view.getUint8(last) !== 0) throw new CorruptBsonError('a BSON document does not end where it says');
  return last;
}

/** Where the bytes after the string at `at` are. */
function endOfString(view: DataView, at: number, limit: number): number {
  if (at + 4 > limit) throw cutOff();
  const end = at + 4 + view.getInt32(at, true);
  if (end < at + 5 || end > limit || view.getUint8(end - 1) !== 0) throw cutOff();
  return end;
}

function within(end: number, limit: number): number {
  if (end > limit) throw cutOff();
  return end;
}

function cutOff(): CorruptBsonError {
  return new CorruptBsonError('a part of a BSON document is not as long as it says');
}

/** The end of a container; its opening bracket too, where it had no element. */
function close(separator: number, closing: number, out: DataView, to: number): number {
  let pos = to;
  if (separator !== COMMA) {
    out.setUint8(pos, separator);
    pos += 1;
  }
  out.setUint16(pos, closing, true);
  return closing === CLOSE_SCOPE ? pos + 2 : pos + 1;
}

const SPECIAL = 0x80808080 | 0;

/**
 * Has a highest bit of a byte set (SPECIAL) if one of two words has a byte that is not ASCII or needs an escape, and not
 * otherwise: a subtraction borrows from a byte below 0x21 where 0x20 and 0x22 have changed places, so that the quote is
 * one of those below 0x20 and the space is not, and from a zero where a backslash was.
 */
function special(one: number, other: number): number {
  return (
    one |
    ((one ^ 0x02020202) - 0x21212121) |
    ((one ^ 0x5c5c5c5c) - 0x01010101) |
    other |
    ((other ^ 0x02020202) - 0x21212121) |
    ((other ^ 0x5c5c5c5c) - 0x01010101)
  );
}

/** An integer of 32 bits in decimal digits. */
function digits(value: number, out: DataView, to: number): number {
  let pos = to;
  let rest = value;
  if (value < 0) {
    out.setUint8(pos, MINUS);
    pos += 1;
    rest = -value;
  }
  const end = pos + digitCount(rest);
  for (let at = end - 1; at >= pos; at -= 1) {
    const tenth = (rest / 10) >>> 0;
    out.setUint8(at, ZERO + rest - tenth * 10);
    rest = tenth;
  }
  return end;
}

function digitCount(value: number): number {
  let count = 1;
  for (let power = 10; value >= power; power *= 10) count += 1;
  return count;
}

function escapeLetters(): Uint8Array {
  const letters = new Uint8Array(256).fill(LETTER_U, 0, 0x20);
  for (let byte = 0; byte < 0x80; byte += 1) {
    const written = JSON.stringify(String.fromCharCode(byte)).slice(1, -1);
    if (written.length === 2) letters[byte] = written.charCodeAt(1);
  }
  return letters;
}

/** The shortest digits that read back as the same double, always with a point or an exponent, so that it stays a float. */
function doubleText(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${Object.is(value, -0) ? '-0' : text}.0` : text;
}

function dateText(milliseconds: bigint): string {
  if (milliseconds > MOST_DATE || milliseconds < -MOST_DATE) return extendedDate(milliseconds);
  return `"${new Date(Number(milliseconds)).toISOString()}"`;
}

/** Only integers are stored as Decimal128; one that somebody else stored keeps its value in the library's notation. */
function decimalText(bytes: Buffer): string {
  const text = new Decimal128(bytes).toString();
  return /^-?(?:NaN|Infinity)$/.test(text) ? 'null' : text;
}
