import { STATUS_CODES } from 'node:http';
import type { ApiAnswer } from './api-client.js';

const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Traces of a stack, of a file of the server, of one of its queries or of the database. */
const INTERNALS =
  /\n\s*at |\.[jt]s:\d|node_modules|dist\/|\/(tmp|home|root|usr)\/|file:\/\/|\$(in|expr|match|set|literal)\b|mongo/i;

/** Holds an answer against RFC 9457 and against what an error of this service may tell. */
export function expectProblem(answer: ApiAnswer | undefined, status: number, detail: RegExp): void {
  if (answer === undefined) throw new Error(`there is no answer where ${status} should be`);
  expect(answer).toMatchObject({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: expect.stringMatching(detail) as string,
      instance: answer.headers['x-request-id'],
    },
  });
  expect(Object.keys(answer.body as object)).toHaveLength(5);
  expect(answer.headers['x-request-id']).toMatch(REQUEST_ID);
  expect((answer.body as { detail: string }).detail).toMatch(/^\S.*[.)]$/s);
  expect(answer.text).not.toMatch(INTERNALS);
}
