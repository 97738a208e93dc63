import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { badRequest } from '#libs/common';

/** A controller's argument: a part of the path, such as an e-mail address, decoded. */
export const PathValue = createParamDecorator((name: string, context: ExecutionContext): string => {
  const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
  refuseBrokenEncoding(request.originalUrl);
  const value = request.params[name] ?? '';
  if (value.includes('\0')) throw badRequest(`${name}: holds a NUL character.`);
  return value;
});

/** What cannot be decoded was made routable for the guard, and means nothing. */
function refuseBrokenEncoding(target: string): void {
  try {
    decodeURIComponent(target.split('?', 1)[0] ?? '');
  } catch {
    throw badRequest('path: a percent sign must be followed by two hexadecimal digits that make valid UTF-8.');
  }
}
