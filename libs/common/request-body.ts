import type { IncomingMessage } from 'node:http';
import { badRequest, contentTooLarge, Problem } from './problem.js';
import { quote } from './url-encoding.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request's body as far as it is allowed to go; one that announces more is refused before any of it is read.
 * @throws Problem 400 where it ends early, 413, 415 where it is encoded
 */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem(415, `Content-Encoding: a body must be sent as it is, not as ${quote(encoding)}.`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw tooLarge(mostBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    // Who leaves in the middle of a body, or sends chunks that are none, is not this server's error.
    throw request.complete || error instanceof Problem ? error : badRequest('body: it ended before it was complete.');
  }
  return Buffer.concat(chunks);
}

/** @throws Problem 400 */
export function readUtf8(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw badRequest('body: its bytes are not valid UTF-8.');
  }
}

function tooLarge(mostBytes: number): Problem {
  const most = mostBytes >= 1024 * 1024 ? `${mostBytes / 1024 / 1024} MiB` : `${mostBytes / 1024} KiB`;
  return contentTooLarge(`The body is larger than ${most}.`);
}
