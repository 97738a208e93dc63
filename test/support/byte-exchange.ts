import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { decoded } from './content-codings.js';
import { BASE } from './http-exchange.js';

export interface ByteRequest {
  key?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
}

/** An answer whose bytes count: a list in one of its representations, or the word that it has not changed. */
export interface ByteAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** As they came, in the answer's content coding. */
  bytes: Buffer;
  /** The bytes decoded. */
  text: string;
}

/**
 * One request over real HTTP and the bytes of its answer.
 * @param path from the base path on, such as `/jobs/list?user=ada`, or absolute where it is none of a list's routes
 */
export function exchangeBytes(url: string, path: string, request: ByteRequest = {}): Promise<ByteAnswer> {
  const { hostname, port } = new URL(url);
  const { key, method = 'GET', headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        hostname,
        port,
        path: /^\/(jobs|nodes|gpu)\//.test(path) ? BASE + path : path,
        method,
        headers: { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          try {
            const text = decoded(bytes, response.headers['content-encoding']).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text });
          } catch (error) {
            reject(new Error(`${method} ${path}: the body is not what its headers say`, { cause: error }));
          }
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The tag of an answer, which must have one. */
export function tagOf({ status, headers, text }: ByteAnswer): string {
  if (headers.etag === undefined) throw new Error(`an answer of ${status} has no ETag: ${text.slice(0, 200)}`);
  return headers.etag;
}
