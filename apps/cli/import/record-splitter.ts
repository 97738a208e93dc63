import { ImportFormatError, type RecordText } from './record-text.js';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** A user dict of 1 MiB may take several times that as JSON, with escapes and indentation. */
const MOST_RECORD_BYTES = 16 * 1024 * 1024;
const MOST_PART_NAME_BYTES = 100;

type State = 'top' | 'part' | 'colon' | 'value' | 'element' | 'record' | 'afterElement' | 'afterPart';

/**
 * Cuts `{"jobs": [{…}, {…}], "nodes": […]}`, or any number of such objects one after another, also with a single record
 * as a part's value (`{"jobs": {…}}`, one a line), into the texts of its records. It looks at brackets and strings
 * alone, so a record that cannot be read costs no other; one record at a time is held.
 */
export class RecordSplitter {
  private state: State = 'top';
  private part = '';
  private partName: number[] = [];
  private readonly counts = new Map<string, number>();
  /** Whether the part's value is a list, not one record. */
  private inList = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private pieces: Buffer[] = [];
  private recordBytes = 0;
  private offset = 0;

  /** @returns the records that end in this chunk */
  *push(chunk: Buffer): Generator<RecordText> {
    let recordStart = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.state === 'record') {
        if (this.endsRecord(byte)) {
          // A bare value ends with what follows it, which is not part of it.
          const end = this.depth < 0 ? at : at + 1;
          this.keep(chunk.subarray(recordStart, end));
          yield this.takeRecord();
          this.state = this.inList ? 'afterElement' : 'afterPart';
          if (end === at) at -= 1;
        }
        continue;
      }
      if (this.inString || !isSpace(byte)) {
        if (this.step(byte, this.offset + at)) recordStart = at;
      }
    }
    if (this.state === 'record') this.keep(chunk.subarray(recordStart));
    this.offset += chunk.length;
  }

  /** @throws ImportFormatError where the end is not one */
  end(): void {
    if (this.state !== 'top') throw new ImportFormatError(`the input ends in the middle of ${this.where()}`);
  }

  /** Structure between records. @returns whether a record starts with this byte */
  private step(byte: number, position: number): boolean {
    switch (this.state) {
      case 'top':
        if (byte !== OPEN_BRACE) throw this.unexpected(byte, position, 'an object such as {"jobs": […]} should start');
        this.state = 'part';
        return false;
      case 'part':
        this.partByte(byte, position);
        return false;
      case 'colon':
        if (byte !== COLON) throw this.unexpected(byte, position, 'a colon should be');
        this.state = 'value';
        return false;
      case 'value':
        this.inList = byte === OPEN_BRACKET;
        if (this.inList) this.state = 'element';
        else return this.startRecord(byte);
        return false;
      case 'element':
        if (byte !== CLOSE_BRACKET) return this.startRecord(byte);
        this.state = 'afterPart';
        return false;
      case 'afterElement':
        if (byte === COMMA) this.state = 'element';
        else if (byte === CLOSE_BRACKET) this.state = 'afterPart';
        else throw this.unexpected(byte, position, 'a comma or ] should be');
        return false;
      case 'afterPart':
        if (byte === COMMA) this.state = 'part';
        else if (byte === CLOSE_BRACE) this.state = 'top';
        else throw this.unexpected(byte, position, 'a comma or } should be');
        return false;
      case 'record':
        return false;
    }
  }

  private partByte(byte: number, position: number): void {
    if (!this.inString) {
      if (byte === CLOSE_BRACE) this.state = 'top';
      else if (byte === QUOTE) this.inString = true;
      else throw this.unexpected(byte, position, 'the name of a part should be');
      return;
    }
    if (byte !== QUOTE) {
      this.partName.push(byte);
      if (this.partName.length > MOST_PART_NAME_BYTES) throw new ImportFormatError('the name of a part is too long');
      return;
    }
    this.part = Buffer.from(this.partName).toString();
    this.partName = [];
    this.inString = false;
    this.state = 'colon';
  }

  private startRecord(byte: number): boolean {
    this.state = 'record';
    this.depth = 0;
    this.escaped = false;
    this.inString = byte === QUOTE;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.depth = 1;
    this.counts.set(this.part, (this.counts.get(this.part) ?? 0) + 1);
    return true;
  }

  /** @returns whether the record ends with this byte; with a negative depth, whether it ended before it */
  private endsRecord(byte: number): boolean {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        return this.depth === 0;
      }
      return false;
    }
    switch (byte) {
      case QUOTE:
        this.inString = true;
        return false;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.depth += 1;
        return false;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.depth -= 1;
        return this.depth <= 0;
      case COMMA:
        if (this.depth > 0) return false;
        this.depth = -1;
        return true;
      default:
        return false;
    }
  }

  private keep(piece: Buffer): void {
    this.recordBytes += piece.length;
    if (this.recordBytes <= MOST_RECORD_BYTES) this.pieces.push(Buffer.from(piece));
    else this.pieces = [];
  }

  private takeRecord(): RecordText {
    const text = this.recordBytes <= MOST_RECORD_BYTES ? Buffer.concat(this.pieces) : null;
    this.pieces = [];
    this.recordBytes = 0;
    return { part: this.part, number: this.counts.get(this.part) ?? 0, text };
  }

  private where(): string {
    const count = this.counts.get(this.part);
    if (count !== undefined) return `${this.part}, at record ${count}`;
    return this.part === '' ? 'its first part' : this.part;
  }

  private unexpected(byte: number, position: number, what: string): ImportFormatError {
    const found = byte >= 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`;
    const after = this.part === '' ? '' : `, after ${this.where()}`;
    return new ImportFormatError(`${found} at byte ${position + 1} where ${what}${after}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
