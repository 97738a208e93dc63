import { connect } from 'node:net';
import type { ApiAnswer } from './api-client.js';

/**
 * Sends bytes that no HTTP client would, and reads what comes back.
 * @param expected how many answers are waited for; fewer come back where the server closes the connection before
 * @param leave closes this side's half after the bytes, so that nothing can follow them
 */
export function sendBytes(
  url: string,
  bytes: string | Buffer,
  expected = 1,
  { leave = false } = {},
): Promise<ApiAnswer[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    const finish = () => {
      socket.destroy();
      resolve(answersIn(received));
    };
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
      if (answersIn(received).length >= expected) finish();
    });
    socket.on('error', reject);
    socket.on('close', finish);
    if (leave) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** The complete answers at the beginning of what came; those of status 1xx are passed over. */
function answersIn(received: string): ApiAnswer[] {
  const answers: ApiAnswer[] = [];
  for (let rest = received; ;) {
    const [head = '', ...after] = rest.split('\r\n\r\n');
    if (after.length === 0) return answers;
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = Number(statusLine.split(' ')[1]);
    const headers = Object.fromEntries(
      lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
    );
    rest = after.join('\r\n\r\n');
    if (status < 200) continue;
    const text = bodyOf(headers, rest);
    if (text === null) return answers;
    rest = rest.slice(text.taken);
    const isJson = (headers['content-type'] ?? '').includes('json') && text.body !== '';
    answers.push({ status, headers, text: text.body, body: isJson ? (JSON.parse(text.body) as unknown) : undefined });
  }
}

/** The body and the characters that it took, null where it is not all there; the bodies asked for here are ASCII. */
function bodyOf(headers: Record<string, string>, rest: string): { body: string; taken: number } | null {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0);
    return rest.length < length ? null : { body: rest.slice(0, length), taken: length };
  }
  let body = '';
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (rest.length < next) return null;
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
    if (size === 0) return { body, taken: at };
  }
}
