import { SlurmFormatError } from './slurm-format-error.js';

/** What a document is taken apart into, in its order. */
export interface JsonListEvents {
  /** Asked of an element's bytes before it is parsed: whether that is not needed. They are the splitter's own afterwards. */
  isKnown?(text: Uint8Array): boolean;
  /** An element of the list. */
  element(value: unknown): void;
  /** An element larger than {@link LARGEST_ELEMENT}, of which nothing was kept. */
  elementTooLarge(): void;
  /** A member of the document that is not the list; of those that were not asked for, only those up to 1 MiB. */
  member(name: string, value: unknown): void;
}

/** A job on some hundred nodes has its cores listed one by one: megabytes. */
export const LARGEST_ELEMENT = 16 * 1024 * 1024;
const LARGEST_MEMBER = 1024 * 1024;
const LONGEST_NAME = 1024;
/** Slurm nests about ten deep. */
const DEEPEST = 100;
/** What is copied and looked at in one go. */
const STEP = 1024 * 1024;
/** From here on, how deep an indented element nests is looked at before it is parsed. */
const LARGE = 256 * 1024;
/** How much of the beginning is kept for a message. */
const HEAD = 480;

type State =
  | 'start'
  | 'first name'
  | 'name'
  | 'colon'
  | 'value'
  | 'first element'
  | 'element'
  | 'after element'
  | 'after member'
  | 'done';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const NEWLINE = 0x0a;

/** What a byte outside of strings does to the nesting: most do nothing. */
const NOTHING = 0;
const BEGINS_STRING = 1;
const OPENS = 2;
const CLOSES = 3;
/** A comma or white space, which ends a number that stands alone. */
const SEPARATES = 4;
const MEANS = new Uint8Array(256);
MEANS[QUOTE] = BEGINS_STRING;
for (const byte of [OPEN_OBJECT, OPEN_LIST]) MEANS[byte] = OPENS;
for (const byte of [CLOSE_OBJECT, CLOSE_LIST]) MEANS[byte] = CLOSES;
for (const byte of [COMMA, NEWLINE, 0x0d, 0x09, 0x20]) MEANS[byte] = SEPARATES;

/**
 * Takes a document `{…, "jobs": [{…}, {…}], …}` apart as it comes, in whatever pieces, so that no more than one element is held.
 * Every element and every member asked for is parsed by JSON.parse, so that it is exactly what JSON.parse would make of the whole;
 * of a larger member that was not asked for only the nesting is looked at.
 *
 * An element's end is found in one of two ways. Where a document is indented, as most of Slurm's are, an element ends at the first
 * `}` on a line of its own with the element's own indentation: a string of JSON holds no line break, and the search is native. The
 * guess is proven by JSON.parse, since no proper beginning of an object is one, nor is an object with something behind it.
 * Otherwise quotes and brackets are counted.
 */
export class JsonListSplitter {
  private state: State = 'start';
  private buffer = Buffer.alloc(0);
  /** Where what is still needed begins, where reading goes on, and where the bytes end. */
  private from = 0;
  private at = 0;
  private end = 0;
  private head = '';

  private name = '';
  private listSeen = false;
  /** Behind the last line break in the white space before an element; -1 where there was none. */
  private lineStart = -1;
  private indentation = -1;
  /** How an element ends, and how it ends in front of another. */
  private closing = Buffer.alloc(0);
  private between = Buffer.alloc(0);
  private indented = true;
  /** Whether an indented element's end is being searched for, and from where on. */
  private searching = false;
  private searched = 0;

  /** The value that is being scanned: how deep in it, in a string or not, and whether its bytes are kept. */
  private scanning = false;
  private depth = 0;
  private inString = false;
  private kept = true;

  /** `members`: those to be told of beside the list, whatever their size (larger than 1 MiB: refused). */
  constructor(
    private readonly list: string,
    private readonly members: readonly string[],
    private readonly events: JsonListEvents,
  ) {}

  /** Throws {@link SlurmFormatError} where this is no such document. */
  push(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length; start += STEP) {
      this.append(chunk.subarray(start, start + STEP));
      while (this.step());
    }
  }

  /** To be called once, after the last piece; tells whether there was such a list. Throws as {@link push}. */
  finish(): { listSeen: boolean } {
    if (this.searching) {
      this.scanFromBeginning();
      while (this.step());
    }
    if (this.state === 'start') {
      if (this.head.trim() === '') throw new SlurmFormatError('Slurm printed nothing.');
      throw this.notJson();
    }
    if (this.state !== 'done') throw this.notJson();
    return { listSeen: this.listSeen };
  }

  private append(piece: Uint8Array): void {
    if (this.head.length < HEAD)
      this.head += Buffer.from(piece.subarray(0, HEAD - this.head.length)).toString('latin1');
    const held = this.end - this.from;
    if (this.end + piece.length > this.buffer.length) {
      const roomy = this.buffer.length >= 2 * (held + piece.length);
      const target = roomy ? this.buffer : Buffer.allocUnsafeSlow(Math.max(2 * (held + piece.length), 64 * 1024));
      this.buffer.copy(target, 0, this.from, this.end);
      this.buffer = target;
      this.at -= this.from;
      this.searched -= this.from;
      if (this.lineStart >= 0) this.lineStart -= this.from;
      this.end = held;
      this.from = 0;
    }
    this.buffer.set(piece, this.end);
    this.end += piece.length;
  }

  /** Goes one token on; false where more bytes are needed. */
  private step(): boolean {
    if (this.scanning) return this.scan();
    if (this.state === 'element' || this.state === 'first element') return this.beginElement();
    const byte = this.skipWhiteSpace();
    if (byte === -1) return false;
    switch (this.state) {
      case 'start':
        return this.expect(byte, OPEN_OBJECT, 'first name');
      case 'first name':
        return byte === CLOSE_OBJECT ? this.take('done') : this.readName(byte);
      case 'name':
        return this.readName(byte);
      case 'colon':
        return this.expect(byte, COLON, 'value');
      case 'value':
        return this.beginMember(byte);
      case 'after element':
        return byte === CLOSE_LIST ? this.take('after member') : this.expect(byte, COMMA, 'element');
      case 'after member':
        return byte === CLOSE_OBJECT ? this.take('done') : this.expect(byte, COMMA, 'name');
      default:
        throw new SlurmFormatError('What Slurm printed goes on after its end.');
    }
  }

  private expect(byte: number, expected: number, next: State): true {
    if (byte !== expected) throw this.notJson();
    return this.take(next);
  }

  private take(next: State): true {
    this.at += 1;
    this.from = this.at;
    this.lineStart = -1;
    this.state = next;
    return true;
  }

  /** The next byte that is none, or -1; remembers where the last line began. */
  private skipWhiteSpace(): number {
    const { buffer, end } = this;
    let { at } = this;
    while (at < end) {
      const byte = buffer[at] ?? 0;
      if (byte === NEWLINE) this.lineStart = at + 1;
      else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) {
        this.at = at;
        return byte;
      }
      at += 1;
    }
    this.at = at;
    // The indentation is all that is needed of white space, and it is short.
    this.from = this.lineStart >= 0 && at - this.lineStart < LONGEST_NAME ? Math.max(this.from, this.lineStart) : at;
    if (this.lineStart < this.from) this.lineStart = -1;
    return -1;
  }

  private readName(first: number): boolean {
    if (first !== QUOTE) throw this.notJson();
    let at = this.at + 1;
    while (at < this.end && this.buffer[at] !== QUOTE) at += this.buffer[at] === BACKSLASH ? 2 : 1;
    if (at >= this.end) {
      if (at - this.at > LONGEST_NAME) throw this.notJson();
      this.from = this.at;
      return false;
    }
    this.name = String(this.parse(this.at, at + 1));
    this.at = at;
    return this.take('colon');
  }

  private beginMember(byte: number): true {
    if (this.name === this.list) {
      if (this.listSeen) throw new SlurmFormatError(`What Slurm printed has two lists named "${this.list}".`);
      if (byte === OPEN_LIST) {
        this.listSeen = true;
        return this.take('first element');
      }
    }
    this.beginScan();
    return true;
  }

  private beginScan(): void {
    this.scanning = true;
    this.depth = 0;
    this.inString = false;
    this.kept = true;
    this.from = this.at;
  }

  private beginElement(): boolean {
    if (this.searching) return this.findIndentedEnd();
    const byte = this.skipWhiteSpace();
    if (byte === -1) return false;
    if (byte === CLOSE_LIST && this.state === 'first element') return this.take('after member');
    if (!this.indented || byte !== OPEN_OBJECT || this.lineStart < 0) {
      this.beginScan();
      return true;
    }
    if (this.at + 1 === this.end) {
      this.from = Math.min(this.lineStart, this.at);
      return false;
    }
    if (this.buffer[this.at + 1] !== NEWLINE) {
      this.beginScan();
      return true;
    }
    const indentation = this.at - this.lineStart;
    if (indentation !== this.indentation) {
      this.indentation = indentation;
      const space = this.buffer.toString('latin1', this.lineStart, this.at);
      this.closing = Buffer.from(`\n${space}}`, 'latin1');
      this.between = Buffer.from(`},\n${space}{\n`, 'latin1');
    }
    this.from = this.at;
    this.searching = true;
    this.searched = this.at + 1;
    return this.findIndentedEnd();
  }

  private findIndentedEnd(): boolean {
    const held = this.buffer.subarray(0, this.end);
    // Looked for by a brace first, which is rarer than a line break: the search is several times as fast.
    const before = held.indexOf(this.between, this.searched);
    const last = before === -1 ? held.indexOf(this.closing, this.searched) : -1;
    const end = before === -1 ? (last === -1 ? -1 : last + this.closing.length) : before + 1;
    const size = (end === -1 ? this.end : end) - this.from;
    if (end === -1 && size <= LARGEST_ELEMENT) {
      this.searched = Math.max(this.searched, this.end - this.between.length + 1);
      return false;
    }
    if (size <= LARGE) {
      if (this.isKnown(end)) {
        this.searching = false;
        this.at = end;
        this.passElement();
        return true;
      }
      const value = this.tryParse(this.from, end);
      if (value !== undefined) {
        this.searching = false;
        this.at = end;
        this.passElement();
        this.events.element(value);
        return true;
      }
      // Not indented as Slurm does it, or broken: which of the two, counting will tell.
      this.indented = false;
    }
    this.scanFromBeginning();
    return true;
  }

  private scanFromBeginning(): void {
    this.searching = false;
    this.at = this.from;
    this.beginScan();
  }

  private isKnown(end: number): boolean {
    return this.events.isKnown?.(this.buffer.subarray(this.from, end)) ?? false;
  }

  private passElement(): void {
    this.from = this.at;
    this.state = 'after element';
    this.lineStart = -1;
  }

  /** Goes on through the value; false where more bytes are needed. */
  private scan(): boolean {
    const ended = this.scanToEnd();
    const size = this.at - this.from;
    const isElement = this.state === 'element' || this.state === 'first element';
    if (this.kept && size > (isElement ? LARGEST_ELEMENT : LARGEST_MEMBER)) {
      if (!isElement && this.members.includes(this.name))
        throw new SlurmFormatError(`"${this.name}" in what Slurm printed is larger than 1 MiB.`);
      this.kept = false;
    }
    if (!this.kept) this.from = this.at;
    if (!ended) return false;

    this.scanning = false;
    if (isElement && this.kept) {
      const value = this.isKnown(this.at) ? undefined : this.parse(this.from, this.at);
      this.passElement();
      if (value !== undefined) this.events.element(value);
    } else if (isElement) {
      this.state = 'after element';
      this.events.elementTooLarge();
    } else {
      if (this.kept) this.events.member(this.name, this.parse(this.from, this.at));
      this.from = this.at;
      this.state = 'after member';
    }
    return true;
  }

  private scanToEnd(): boolean {
    const { buffer, end } = this;
    let { at, depth, inString } = this;
    let ended = false;
    while (at < end) {
      if (inString) {
        while (at < end && buffer[at] !== QUOTE && buffer[at] !== BACKSLASH) at += 1;
        if (at + 1 >= end && buffer[at] === BACKSLASH) break;
        if (at >= end) break;
        if (buffer[at] === BACKSLASH) {
          at += 2;
          continue;
        }
        inString = false;
        at += 1;
        ended = depth === 0;
      } else {
        while (at < end && MEANS[buffer[at] ?? 0] === NOTHING) at += 1;
        if (at >= end) break;
        const meaning = MEANS[buffer[at] ?? 0];
        if (meaning === BEGINS_STRING) {
          inString = true;
          at += 1;
        } else if (meaning === OPENS) {
          depth += 1;
          at += 1;
          if (depth > DEEPEST) throw new SlurmFormatError(`What Slurm printed is nested more than ${DEEPEST} deep.`);
        } else if (meaning === CLOSES) {
          // The bracket or brace behind a number belongs to what is around it.
          if (depth > 0) at += 1;
          depth -= 1;
          ended = depth <= 0;
        } else {
          ended = depth === 0;
          if (!ended) at += 1;
        }
      }
      if (ended) break;
    }
    this.at = at;
    this.depth = depth;
    this.inString = inString;
    return ended;
  }

  private parse(start: number, end: number): unknown {
    const value = this.tryParse(start, end);
    if (value === undefined) throw this.notJson();
    return value;
  }

  private tryParse(start: number, end: number): unknown {
    try {
      return JSON.parse(this.buffer.toString('utf8', start, end)) as unknown;
    } catch {
      return undefined;
    }
  }

  /** What it printed instead is usually one line that says what is wrong; a document cut short shows its beginning. */
  private notJson(): SlurmFormatError {
    const beginning = JSON.stringify(Buffer.from(this.head, 'latin1').toString().trimStart().slice(0, 120));
    return new SlurmFormatError(`What Slurm printed is no JSON object, or was cut short; it begins ${beginning}.`);
  }
}
