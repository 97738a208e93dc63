import { type Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

export interface Question {
  path: string;
  method?: string;
  key?: string;
  headers?: Record<string, string>;
  json?: unknown;
}

/** Whatever can come of a request, as a client sees it. */
export type Outcome =
  | { kind: 'answer'; status: number; headers: IncomingHttpHeaders; text: string }
  /** The head came, and the connection broke before the body was whole. */
  | { kind: 'cut'; status: number; headers: IncomingHttpHeaders; text: string }
  /** No answer: nobody listens, or the connection broke. */
  | { kind: 'gone'; code: string }
  | { kind: 'silent' };

export interface Exchange {
  outcome: Outcome;
  began: number;
  ended: number;
}

/** Far beyond what any answer may take. */
const MOST_MS = 30_000;

/** One request, which ends: by its answer, by a broken connection, or because nobody waits that long. */
export function boundedExchange(url: string, agent: Agent, question: Question): Promise<Exchange> {
  const began = performance.now();
  const { path, method = 'GET', key, headers = {}, json } = question;
  const body = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve({ outcome, began, ended: performance.now() });
    };
    const sent = httpRequest(url + path, {
      agent,
      method,
      headers: {
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...headers,
      },
    });
    const timer = setTimeout(() => {
      settle({ kind: 'silent' });
      sent.destroy();
    }, MOST_MS);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A broken connection is an error here; close comes after it.
      response.on('error', () => undefined);
      response.on('close', () => {
        const text = Buffer.concat(chunks).toString();
        const kind = response.complete ? 'answer' : 'cut';
        settle({ kind, status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', (error) => {
      settle({ kind: 'gone', code: 'code' in error ? String(error.code) : error.message });
    });
    sent.end(body);
  });
}
