import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ADMIN_BASE, Problem, sendProblem } from '#libs/common';
import { AccountError, type AccountErrorKind } from './account-error.js';

const STATUS: Record<AccountErrorKind, number> = { invalid: 400, missing: 404, taken: 409 };

/** Turns what the services of users and keys refuse into problem details. */
@Catch(AccountError)
export class AccountErrorFilter implements ExceptionFilter<AccountError> {
  catch({ kind, field, reason }: AccountError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const hint = kind === 'missing' ? ` GET ${ADMIN_BASE}/users and ${ADMIN_BASE}/keys list those that there are.` : '';
    const problem = new Problem(STATUS[kind], `${field === null ? '' : `${field}: `}${reason}${hint}`);
    sendProblem(http.getResponse<FastifyReply>(), http.getRequest<FastifyRequest>().id, problem);
  }
}
