import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface ApiRequest {
  method?: string;
  /** Sent as `Authorization: Bearer`. */
  key?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Sent as application/json. */
  json?: unknown;
  /** Sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>;
}

export interface ApiAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it came. */
  text: string;
  /** What the text holds as JSON; undefined where it is empty. */
  body: unknown;
}

export const BASE = '/api/v1/cluster';
export const ADMIN_BASE = '/api/v1/admin';

/** One request and its answer over real HTTP, without looking at what the answer should be. */
export function exchange(url: string, path: string, options: ApiRequest): Promise<ApiAnswer> {
  const { type, content } = contentOf(options);
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        path,
        method: options.method ?? 'GET',
        headers: {
          ...(options.key === undefined ? {} : { Authorization: `Bearer ${options.key}` }),
          ...(type === undefined ? {} : { 'Content-Type': type }),
          ...(content === undefined ? {} : { 'Content-Length': Buffer.byteLength(content) }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '');
          const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
        });
      },
    );
    request.on('error', reject);
    request.end(content);
  });
}

function contentOf({ body, json, form }: ApiRequest): { type?: string; content?: string | Buffer } {
  if (json !== undefined) return { type: 'application/json', content: JSON.stringify(json) };
  if (form !== undefined) {
    return { type: 'application/x-www-form-urlencoded', content: new URLSearchParams(form).toString() };
  }
  return body === undefined ? {} : { content: body };
}
