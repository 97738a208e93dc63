import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BASE } from './http-exchange.js';

export interface OpenRequest {
  path: string;
  key: string;
  headers?: Record<string, string>;
  version?: '1.0' | '1.1';
}

export interface ReceivedBody {
  /** Without the framing. */
  bytes: Buffer;
  /** Whether the framing says that these are all. */
  whole: boolean;
}

const HEAD_END = '\r\n\r\n';

/** The bytes of a request after which the server closes the connection. */
export function requestText({ path, key, headers = {}, version = '1.1' }: OpenRequest): string {
  const fields = { Host: 'localhost', Authorization: `Bearer ${key}`, Connection: 'close', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${BASE}${path} HTTP/${version}\r\n${lines.join('')}\r\n`;
}

/** An answer as it comes off the socket, read by a client that stops, goes on or leaves as it is told. */
export class OpenAnswer {
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private readonly closed: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.received += chunk.length;
    });
    socket.pause();
    // A connection that is broken is what some tests wait for: `close` comes after it.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
  }

  /** Sends a request, waits for the head and the beginning of the body, and reads no more. */
  static async begin(url: string, request: OpenRequest): Promise<OpenAnswer> {
    const answer = await OpenAnswer.sent(url, requestText(request));
    await answer.readUntil(() => answer.body.bytes.length > 0);
    return answer;
  }

  /** Sends bytes and reads nothing. */
  static async sent(url: string, bytes: string): Promise<OpenAnswer> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(bytes);
    return new OpenAnswer(socket);
  }

  /** Every byte that has come. */
  get raw(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** The status and the headers, whose names are in lower case. */
  get head(): { status: number; headers: Record<string, string> } {
    const [statusLine = '', ...lines] = this.split().head.split('\r\n');
    return {
      status: Number(statusLine.split(' ')[1]),
      headers: Object.fromEntries(
        lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
      ),
    };
  }

  /** What has come of the body. */
  get body(): ReceivedBody {
    const { body } = this.split();
    const { headers } = this.head;
    if (headers['transfer-encoding'] === 'chunked') return unchunked(body);
    const length = headers['content-length'];
    // Without either, the end of the connection is all that says so.
    return { bytes: body, whole: length === undefined ? this.socket.readableEnded : body.length === Number(length) };
  }

  /** Reads on until so many bytes have come in all, then stops again. */
  readAtLeast(bytes: number): Promise<void> {
    return this.readUntil(() => this.received >= bytes);
  }

  /** Reads all that still comes. */
  async rest(): Promise<ReceivedBody> {
    this.socket.resume();
    await this.closed;
    return this.body;
  }

  leave(): void {
    this.socket.destroy();
  }

  private async readUntil(enough: () => boolean): Promise<void> {
    this.socket.resume();
    while (!enough()) {
      await Promise.race([this.closed, once(this.socket, 'data')]);
      if (this.socket.closed && !enough()) throw new Error(`the connection ended after ${this.received} bytes`);
    }
    this.socket.pause();
  }

  private split(): { head: string; body: Buffer } {
    const all = this.raw;
    const at = all.indexOf(HEAD_END);
    if (at < 0) return { head: '', body: Buffer.alloc(0) };
    return { head: all.toString('latin1', 0, at), body: all.subarray(at + HEAD_END.length) };
  }
}

/** The content of chunks (RFC 9112, section 7.1), whole where the last one is there. */
function unchunked(framed: Buffer): ReceivedBody {
  const parts: Buffer[] = [];
  for (let at = 0; at < framed.length;) {
    const lineEnd = framed.indexOf('\r\n', at);
    if (lineEnd < 0) break;
    const size = Number.parseInt(framed.toString('latin1', at, lineEnd), 16);
    if (size === 0) return { bytes: Buffer.concat(parts), whole: true };
    parts.push(framed.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return { bytes: Buffer.concat(parts), whole: false };
}
