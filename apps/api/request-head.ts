import type { FastifyRequest } from 'fastify';
import { badRequest, Problem } from '#libs/common';

/** A request line, and each header, may take this much. */
export const MOST_LINE_BYTES = 16 * 1024;

/** Why a request is refused for its line and headers alone, before it is routed; null where nothing is wrong. */
export function headRefusal(request: FastifyRequest): Problem | null {
  if (request.originalUrl.length > MOST_LINE_BYTES) return new Problem(414, 'The request line is longer than 16 KiB.');
  const { rawHeaders, httpVersion } = request.raw;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length + (rawHeaders[at + 1]?.length ?? 0) > MOST_LINE_BYTES) {
      return new Problem(431, `The header ${name.slice(0, 60)} is longer than 16 KiB.`);
    }
  }
  // RFC 9112, section 3.2.
  if (httpVersion === '1.1' && request.raw.headers.host === undefined) {
    return badRequest('Host: this header is missing, and HTTP/1.1 requires it.');
  }
  return null;
}
