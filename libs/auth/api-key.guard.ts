import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { unauthorized } from '#libs/common';
import { API_KEY_STRATEGY } from './api-key.strategy.js';
import { OPEN_ROUTE } from './open-route.decorator.js';

/** The one guard of all routes: a valid key, or the route is marked with `@OpenRoute()`. */
@Injectable()
export class ApiKeyGuard extends AuthGuard(API_KEY_STRATEGY) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(OPEN_ROUTE, [
      context.getHandler(),
      context.getClass(),
    ]);
    return open === true || Boolean(await super.canActivate(context));
  }

  override handleRequest<T>(error: unknown, caller: T | false): T {
    if (error instanceof Error) throw error;
    if (caller === false) throw unauthorized();
    return caller;
  }
}
