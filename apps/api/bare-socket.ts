import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { badRequest, Problem, PROBLEM_MEDIA_TYPE } from '#libs/common';
import type { LimitCounters } from '#libs/limits';

/** What Node's HTTP parser could not read, before there is a request. */
interface ClientError extends Error {
  code: string;
  /** The parser's own words, such as "Invalid char in url path"; nothing of the request or the server is in them. */
  reason?: string;
}

/** Answers what never became a request, and closes its connection. */
export function answerClientError(error: ClientError, socket: Socket, logger: Logger, counters: LimitCounters): void {
  if (error.code === 'HPE_HEADER_OVERFLOW') counters.countRefusal('header_size');
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') counters.countRefusal('slow_request');
  if (error.code === 'ECONNRESET') socket.destroy();
  else answerAndClose(socket, problemOf(error), logger);
}

/** Answers who takes this server for a proxy: Node hands over the bare socket of a CONNECT. */
export function refuseTunnel(socket: Socket, logger: Logger): void {
  socket.on('error', () => socket.destroy());
  answerAndClose(socket, badRequest('CONNECT: this server is not a proxy.'), logger);
}

function answerAndClose(socket: Socket, problem: Problem, logger: Logger): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  logger.info({ request_id: requestId, status: problem.status, detail: problem.detail }, 'no request');
  const body = JSON.stringify(problem.body(requestId));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function problemOf({ code, reason }: ClientError): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(431, 'The request line and headers together are longer than 64 KiB.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(408, 'The request did not arrive in time.');
    default:
      return badRequest(`The request is not valid HTTP${reason === undefined || reason === '' ? '' : `: ${reason}`}.`);
  }
}
