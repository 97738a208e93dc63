import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { notFound, Problem, PROBLEM_MEDIA_TYPE, unavailable } from './problem.js';
import { LOGGER } from './tokens.js';

/** Tells whether an error means that the database is out of reach; the database library knows its driver's errors. */
export abstract class OutageDetector {
  abstract isOutage(error: unknown): boolean;
}

/** Turns whatever a route throws into problem details. What nobody foresaw is logged and told as a bare 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly outages: OutageDetector,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    if (reply.sent) return;
    sendProblem(reply, request.id, this.problemFor(error));
  }

  private problemFor(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (this.outages.isOutage(error)) {
      this.logger.warn({ err: error }, 'the database does not answer');
      return unavailable();
    }
    if (error instanceof HttpException && error.getStatus() < 500) return frameworkRefusal(error.getStatus());
    this.logger.error({ err: error }, 'unexpected error');
    return new Problem(500, 'An unexpected error on the server; its log has more under the request id in "instance".');
  }
}

/**
 * What Nest, Fastify and the page's files refuse by themselves: a path outside them, a range beyond their end. Their
 * messages may name files of the server, so that only the status is taken over.
 */
function frameworkRefusal(status: number): Problem {
  if (status === 403 || status === 404) return notFound('There is nothing at this path.');
  return new Problem(status, `The request cannot be answered: ${STATUS_CODES[status] ?? 'it is not valid'}.`);
}

export function sendProblem(reply: FastifyReply, requestId: string, problem: Problem): void {
  void reply
    .status(problem.status)
    .header('X-Request-Id', requestId)
    .headers(problem.headers)
    .type(PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(problem.body(requestId))));
}
