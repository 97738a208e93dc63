/** The head of an HTTP/1.1 answer. */
export interface AnswerHead {
  status: number;
  headers: ReadonlyMap<string, string>;
}

const END_OF_HEAD = '\r\n\r\n';
const LINE_FEED = 0x0a;

/**
 * Follows one HTTP/1.1 answer to its last byte (RFC 9112) and keeps nothing of its body: node:http's parser and its
 * buffers would cost the machine more than what is measured leaves it.
 */
export class AnswerReader {
  /** null until it is there. */
  head: AnswerHead | null = null;
  /** Of the body, without what the chunks are wrapped in. */
  bodyBytes = 0;
  private text = '';
  private body: LengthBody | ChunkedBody | null = null;

  /** @returns whether the answer is over */
  feed(data: Buffer): boolean {
    if (this.body !== null) return this.readBody(data);
    this.text += data.toString('latin1');
    const end = this.text.indexOf(END_OF_HEAD);
    if (end === -1) return false;
    this.head = parseHead(this.text.slice(0, end));
    this.body = bodyOf(this.head);
    return this.readBody(Buffer.from(this.text.slice(end + END_OF_HEAD.length), 'latin1'));
  }

  private readBody(data: Buffer): boolean {
    if (this.body === null) return false;
    const over = this.body.feed(data);
    this.bodyBytes = this.body.bytes;
    return over;
  }
}

function parseHead(text: string): AnswerHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers) };
}

function bodyOf({ status, headers }: AnswerHead): LengthBody | ChunkedBody {
  if (status === 204 || status === 304) return new LengthBody(0);
  if (headers.get('transfer-encoding') === 'chunked') return new ChunkedBody();
  const length = headers.get('content-length');
  if (length === undefined) throw new Error('an answer has neither a length nor chunks');
  return new LengthBody(Number(length));
}

class LengthBody {
  bytes = 0;
  private readonly length: number;

  constructor(length: number) {
    this.length = length;
  }

  feed(data: Buffer): boolean {
    this.bytes += data.length;
    return this.bytes >= this.length;
  }
}

class ChunkedBody {
  bytes = 0;
  /** Of the present chunk, with the line end behind it. */
  private left = 0;
  private line = '';
  private atTrailer = false;

  feed(data: Buffer): boolean {
    let at = 0;
    while (at < data.length) {
      if (this.left > 0) {
        at += this.skip(data.length - at);
        continue;
      }
      const end = data.indexOf(LINE_FEED, at);
      this.line += data.toString('latin1', at, end === -1 ? data.length : end);
      if (end === -1) return false;
      at = end + 1;
      if (this.takeLine()) return true;
    }
    return false;
  }

  private skip(available: number): number {
    const skipped = Math.min(available, this.left);
    this.left -= skipped;
    return skipped;
  }

  /** @returns whether it was the last */
  private takeLine(): boolean {
    const line = this.line.trimEnd();
    this.line = '';
    if (this.atTrailer) return line === '';
    const size = parseInt(line, 16);
    if (Number.isNaN(size)) throw new Error('a chunk has no size');
    this.atTrailer = size === 0;
    this.bytes += size;
    this.left = size === 0 ? 0 : size + 2;
    return false;
  }
}
