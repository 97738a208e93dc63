import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';

/** What a request was answered with, and when, in milliseconds since it was sent. */
export interface CountedAnswer {
  status: number;
  headers: ReadonlyMap<string, string>;
  bytes: number;
  /** Of the body. */
  firstByteMs: number;
  lastByteMs: number;
}

export interface HttpRequest {
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

interface Pending {
  reader: AnswerReader;
  sentAt: number;
  firstByteAt: number | null;
  answered: PromiseWithResolvers<CountedAnswer>;
}

const READ_BUFFER = 256 * 1024;

/** A connection that is kept alive, sends one request at a time and throws away the bodies of the answers. */
export class HttpConnection {
  private readonly socket: Socket;
  private readonly host: string;
  private pending: Pending | null = null;
  private stopsReading = false;

  private constructor(url: URL) {
    this.host = url.host;
    this.socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      // Into the same memory again and again: nothing is kept.
      onread: { buffer: Buffer.allocUnsafe(READ_BUFFER), callback: (size, buffer) => this.read(size, buffer) },
    });
    this.socket.on('error', (error) => this.pending?.answered.reject(error));
    this.socket.on('close', () => this.pending?.answered.reject(new Error('the connection broke inside an answer')));
  }

  static async open(url: string): Promise<HttpConnection> {
    const connection = new HttpConnection(new URL(url));
    await once(connection.socket, 'connect');
    return connection;
  }

  /** @throws where the connection breaks before the answer's end, and for a status that is an error */
  async request(request: HttpRequest): Promise<CountedAnswer> {
    const answered = Promise.withResolvers<CountedAnswer>();
    this.pending = { reader: new AnswerReader(), sentAt: performance.now(), firstByteAt: null, answered };
    this.socket.write(this.messageOf(request));
    const answer = await answered.promise;
    if (answer.status >= 400) throw new Error(`${request.path} was answered ${answer.status}`);
    return answer;
  }

  /** Sends a request, takes the beginning of its answer and reads no further. @returns with the answer's first bytes */
  async stopReading(request: HttpRequest): Promise<void> {
    this.stopsReading = true;
    const begun = Promise.withResolvers<CountedAnswer>();
    this.pending = { reader: new AnswerReader(), sentAt: performance.now(), firstByteAt: null, answered: begun };
    this.socket.write(this.messageOf(request));
    const { status } = await begun.promise;
    if (status !== 200) throw new Error(`${request.path} was answered ${status}`);
  }

  close(): void {
    this.socket.destroy();
  }

  private messageOf({ method = 'GET', path, headers = {}, body = '' }: HttpRequest): string {
    const lines = Object.entries({
      Host: this.host,
      ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
  }

  /** @returns whether to read on */
  private read(size: number, buffer: Uint8Array): boolean {
    const { pending } = this;
    if (pending === null) return true;
    try {
      const over = pending.reader.feed(Buffer.from(buffer.buffer, buffer.byteOffset, size));
      if (pending.reader.bodyBytes > 0) pending.firstByteAt ??= performance.now();
      if (over || (this.stopsReading && pending.firstByteAt !== null)) this.finish(pending);
    } catch (error) {
      pending.answered.reject(error);
    }
    return !(this.stopsReading && pending.firstByteAt !== null);
  }

  private finish({ reader, sentAt, firstByteAt, answered }: Pending): void {
    const now = performance.now();
    this.pending = null;
    answered.resolve({
      status: reader.head?.status ?? 0,
      headers: reader.head?.headers ?? new Map(),
      bytes: reader.bodyBytes,
      firstByteMs: (firstByteAt ?? now) - sentAt,
      lastByteMs: now - sentAt,
    });
  }
}
