import { JsonSyntaxError } from './json-errors.js';
import { numberFromText } from './json-number.js';
import type { JsonObject, JsonValue } from './json-value.js';

export interface JsonReaderOptions {
  /** Objects and lists inside each other, the outermost being the first; more is an error, before it costs stack. */
  maxDepth: number;
  /** Told of each key that the outermost object gives again (the last one counts). */
  onRepeatedKey?: (key: string) => void;
}

const STRING_RUN = /[^"\\\u0000-\u001f]*/y; // eslint-disable-line no-control-regex -- RFC 8259, section 7
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NOT_A_NUMBER = /-?(?:NaN|Infinity|inf|nan)\b/y;
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads one JSON text (RFC 8259, nothing more), keeping what JSON.parse loses: how each number was written and that a
 * key was given twice. What BSON cannot keep is refused here: a NUL in a key, half a surrogate pair, an integer of
 * over 34 digits.
 * @throws JsonSyntaxError
 */
export function readJson(text: string, options: JsonReaderOptions): JsonValue {
  return new JsonReader(text, options).read();
}

class JsonReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly options: JsonReaderOptions,
  ) {}

  read(): JsonValue {
    const value = this.value(1);
    this.skipSpace();
    if (this.at < this.text.length) throw this.unexpected('after the end of the value');
    return value;
  }

  private value(depth: number): JsonValue {
    this.skipSpace();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.list(depth);
      case '"':
        return this.string();
      case 't':
        return this.literal('true', true);
      case 'f':
        return this.literal('false', false);
      case 'n':
        if (this.text.startsWith('null', this.at)) return this.literal('null', null);
        return this.number();
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonObject {
    this.enter(depth);
    const entries: JsonObject = new Map();
    if (this.endsAtOnce('}')) return entries;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.unexpected('where a key in double quotes should be');
      const key = this.string();
      if (key.includes('\0')) throw new JsonSyntaxError('a key holds a NUL character, which cannot be stored');
      this.skipSpace();
      if (this.text[this.at] !== ':') throw this.unexpected('where a colon should be');
      this.at += 1;
      const item = this.value(depth + 1);
      if (depth === 1 && entries.has(key)) this.options.onRepeatedKey?.(key);
      entries.set(key, item);
    } while (this.continues('}'));
    return entries;
  }

  private list(depth: number): JsonValue[] {
    this.enter(depth);
    const items: JsonValue[] = [];
    if (this.endsAtOnce(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.continues(']'));
    return items;
  }

  private enter(depth: number): void {
    if (depth > this.options.maxDepth) {
      throw new JsonSyntaxError(`it is more than ${this.options.maxDepth} levels deep`);
    }
    this.at += 1;
  }

  private endsAtOnce(close: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== close) return false;
    this.at += 1;
    return true;
  }

  private continues(close: string): boolean {
    this.skipSpace();
    const next = this.text[this.at];
    if (next !== ',' && next !== close) throw this.unexpected(`where a comma or ${close} should be`);
    this.at += 1;
    return next === ',';
  }

  private string(): string {
    this.at += 1;
    let result = '';
    for (;;) {
      STRING_RUN.lastIndex = this.at;
      const run = STRING_RUN.exec(this.text)?.[0] ?? '';
      result += run;
      this.at += run.length;
      const next = this.text[this.at];
      if (next === '"') break;
      if (next !== '\\') throw this.unexpected('inside a string');
      result += this.escape();
    }
    this.at += 1;
    if (!result.isWellFormed()) {
      throw new JsonSyntaxError('a string holds half a surrogate pair, which UTF-8 cannot express');
    }
    return result;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    if (letter === 'u') {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.unexpected('in a \\u escape');
      this.at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meaning = ESCAPES[letter];
    if (meaning === undefined) throw this.unexpected('in an escape');
    this.at += 2;
    return meaning;
  }

  private literal<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.unexpected('where a value should be');
    this.at += word.length;
    return value;
  }

  private number(): JsonValue {
    NUMBER.lastIndex = this.at;
    const digits = NUMBER.exec(this.text)?.[0];
    if (digits === undefined) {
      NOT_A_NUMBER.lastIndex = this.at;
      const word = NOT_A_NUMBER.exec(this.text)?.[0];
      if (word !== undefined) throw new JsonSyntaxError(`${word} is not JSON and cannot be kept: send null instead`);
      throw this.unexpected('where a value should be');
    }
    this.at += digits.length;
    return numberFromText(digits);
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private unexpected(where: string): JsonSyntaxError {
    if (this.at >= this.text.length) return new JsonSyntaxError(`it is not JSON: it ends ${where}`);
    const found = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0xfffd);
    return new JsonSyntaxError(`it is not JSON: ${JSON.stringify(found)} ${where}, at character ${this.at + 1}`);
  }
}
