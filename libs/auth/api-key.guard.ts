import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { unauthorized } from '#libs/common';
import { API_KEY_STRATEGY, type AskedRequest } from './api-key.strategy.js';
import { callerOf } from './caller.js';
import { accessRefusal, DURING_OUTAGES, ROUTE_ACCESS, type RouteAccess } from './route-access.js';

/** The one guard of all routes: a valid key that the route is for, or the route is marked with `@OpenRoute()`. */
@Injectable()
export class ApiKeyGuard extends AuthGuard(API_KEY_STRATEGY) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.accessOf(context);
    if (access === 'open') return true;
    if (this.isForOutages(context)) context.switchToHttp().getRequest<AskedRequest>().isForOutages = true;
    if (!(await super.canActivate(context))) return false;
    const refused = accessRefusal(access, callerOf(context));
    if (refused !== null) throw refused;
    return true;
  }

  override handleRequest<T>(error: unknown, caller: T | false): T {
    if (error instanceof Error) throw error;
    if (caller === false) throw unauthorized();
    return caller;
  }

  private isForOutages(context: ExecutionContext): boolean {
    return this.reflector.get<boolean | undefined>(DURING_OUTAGES, context.getHandler()) ?? false;
  }

  private accessOf(context: ExecutionContext): RouteAccess {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, places) ?? 'keys';
  }
}
