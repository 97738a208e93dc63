import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#libs/audit';
import { callerOf } from './caller.js';

/** A controller's argument: who asks, as the audit log names them. */
export const RequestActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => actorOf(context));

export function actorOf(context: ExecutionContext): Actor {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { mila_email_username, keyId } = callerOf(context);
  return {
    who: { email: mila_email_username, key_id: keyId, os_user: null, host: null },
    from: request.ip,
    request_id: request.id,
  };
}
