import { STATUS_CODES } from 'node:http';

/** The media type of every error answer (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * An error answer: thrown anywhere below a route, written as RFC 9457 problem details by the ProblemFilter.
 * `detail` is one or more sentences for the caller, who reads it; it never holds a stack, a query or a path of the server.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  /** The body. `about:blank` says that the status tells the kind of problem and `title` is its phrase (section 4.2.1). */
  body(requestId: string): ProblemBody {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      instance: requestId,
    };
  }
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
}

export function badRequest(detail: string): Problem {
  return new Problem(400, detail);
}

/** The one answer to whoever has no valid key, whatever the reason (RFC 6750, section 3). */
export function unauthorized(): Problem {
  return new Problem(
    401,
    'This needs a valid API key: send it as "Authorization: Bearer KEY". An administrator makes one with "clockwork keys create".',
    { 'WWW-Authenticate': 'Bearer realm="clockwork"' },
  );
}

export function forbidden(detail: string): Problem {
  return new Problem(403, detail);
}

export function notFound(detail: string): Problem {
  return new Problem(404, detail);
}

/** What is asked for does not fit what is there. */
export function conflict(detail: string): Problem {
  return new Problem(409, detail);
}

/** @param allowed the methods that the path takes (RFC 9110, section 15.5.6) */
export function methodNotAllowed(method: string, allowed: readonly string[]): Problem {
  const list = allowed.join(', ');
  return new Problem(405, `This path does not take ${method}; it takes ${list}.`, { Allow: list });
}

export function contentTooLarge(detail: string): Problem {
  return new Problem(413, detail);
}

/** Several entries where the documentation allows one: it says 500, and the detail says what to add. */
export function ambiguous(detail: string): Problem {
  return new Problem(500, detail);
}

/** @param seconds after which it is worth trying again */
export function tooManyRequests(
  detail: string,
  seconds: number,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return new Problem(429, detail, { 'Retry-After': String(Math.max(1, Math.ceil(seconds))), ...headers });
}

/** The database is out of reach for the moment. */
export function unavailable(): Problem {
  return new Problem(503, 'The database does not answer at the moment. Nothing is wrong with the request: try again.', {
    'Retry-After': '1',
  });
}
