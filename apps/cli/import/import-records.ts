import { isJsonObject, JsonSyntaxError, type JsonObject, type JsonValue, readJson } from '#libs/json';
import { type Line, LineSplitter } from './line-splitter.js';
import { RecordSplitter } from './record-splitter.js';
import type { RecordText } from './record-text.js';

/** One record of an import as it was read: its value, or why there is none. */
export interface ImportRecord {
  /** Such as `jobs`; `line` where a line could not be read, so that its part is not known. */
  part: string;
  /** Its number in the part, from 1. */
  number: number;
  content: { value: JsonValue } | { problem: string };
}

const MOST_DEPTH = 100;
/** So much of the start shows whether the input is one document or one record a line. */
const MOST_SNIFFED_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads `{"users": […], "jobs": […], "nodes": […], "gpu": […]}`, or one record a line as `{"jobs": {…}}`; in bounded
 * memory, whatever the size. What cannot be read costs no more than its record.
 * @throws ImportFormatError where the input is neither
 */
export async function* importRecords(source: AsyncIterable<Buffer>): AsyncGenerator<ImportRecord> {
  let start: Buffer = Buffer.alloc(0);
  let reader: Reader | null = null;
  for await (const chunk of source) {
    if (reader === null) {
      start = withoutByteOrderMark(Buffer.concat([start, chunk]));
      reader = readerFor(start);
      if (reader !== null) yield* reader.push(start);
    } else {
      yield* reader.push(chunk);
    }
  }
  reader ??= new DocumentReader();
  if (start.length > 0 && start.length < MOST_SNIFFED_BYTES && reader.untouched) yield* reader.push(start);
  yield* reader.end();
}

interface Reader {
  readonly untouched: boolean;
  push(chunk: Buffer): Iterable<ImportRecord>;
  end(): Iterable<ImportRecord>;
}

/** What the first part's value starts with decides: a list in a document, an object on a line. Null: not seen yet. */
function readerFor(start: Buffer): Reader | null {
  const value = /^\s*\{\s*"[^"]*"\s*:\s*(\S)/.exec(start.toString('latin1'))?.[1];
  if (value === '{') return new LinesReader();
  return value !== undefined || start.length >= MOST_SNIFFED_BYTES ? new DocumentReader() : null;
}

class DocumentReader implements Reader {
  untouched = true;
  private readonly splitter = new RecordSplitter();

  *push(chunk: Buffer): Generator<ImportRecord> {
    this.untouched = false;
    for (const record of this.splitter.push(chunk)) yield readRecord(record);
  }

  // eslint-disable-next-line require-yield -- a document's last record ends before the document does
  *end(): Generator<ImportRecord> {
    this.splitter.end();
  }
}

class LinesReader implements Reader {
  untouched = true;
  private readonly splitter = new LineSplitter();
  private readonly counts = new Map<string, number>();

  *push(chunk: Buffer): Generator<ImportRecord> {
    this.untouched = false;
    for (const line of this.splitter.push(chunk)) yield* this.line(line);
  }

  *end(): Generator<ImportRecord> {
    for (const line of this.splitter.end()) yield* this.line(line);
  }

  private *line({ number, text }: Line): Generator<ImportRecord> {
    const content = parse(text);
    if ('problem' in content) {
      yield { part: 'line', number, content };
    } else if (!isJsonObject(content.value)) {
      yield { part: 'line', number, content: { problem: 'it must be an object such as {"jobs": {…}}' } };
    } else {
      yield* this.records(content.value);
    }
  }

  private *records(parts: JsonObject): Generator<ImportRecord> {
    for (const [part, records] of parts) {
      for (const value of Array.isArray(records) ? records : [records]) {
        const count = (this.counts.get(part) ?? 0) + 1;
        this.counts.set(part, count);
        yield { part, number: count, content: { value } };
      }
    }
  }
}

function readRecord({ part, number, text }: RecordText): ImportRecord {
  return { part, number, content: parse(text) };
}

function parse(text: Buffer | null): ImportRecord['content'] {
  if (text === null) return { problem: 'it is larger than 16 MiB' };
  const decoded = decodeUtf8(text);
  if (decoded === null) return { problem: 'its bytes are not valid UTF-8' };
  try {
    return { value: readJson(decoded, { maxDepth: MOST_DEPTH }) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { problem: error.message };
    throw error;
  }
}

function decodeUtf8(text: Buffer): string | null {
  try {
    return utf8.decode(text);
  } catch {
    return null;
  }
}

/** Windows' editors and PowerShell put one at the start of a file (RFC 8259, section 8.1: it may be ignored). */
function withoutByteOrderMark(start: Buffer): Buffer {
  return start.indexOf(BYTE_ORDER_MARK) === 0 ? start.subarray(BYTE_ORDER_MARK.length) : start;
}
