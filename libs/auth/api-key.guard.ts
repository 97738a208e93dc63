import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { unauthorized } from '#libs/common';
import { API_KEY_STRATEGY } from './api-key.strategy.js';
import { callerOf } from './caller.js';
import { RefusedAttempts } from './refused-attempts.js';
import { actorOf } from './request-actor.js';
import { accessRefusal, ROUTE_ACCESS, type RouteAccess } from './route-access.js';

/** The one guard of all routes: a valid key that the route is for, or the route is marked with `@OpenRoute()`. */
@Injectable()
export class ApiKeyGuard extends AuthGuard(API_KEY_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly refusedAttempts: RefusedAttempts,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.accessOf(context);
    if (access === 'open') return true;
    if (!(await super.canActivate(context))) return false;
    const refused = accessRefusal(access, callerOf(context));
    if (refused === null) return true;
    if (access === 'admins') {
      const { method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
      // The route and not the path, which may hold anything.
      await this.refusedAttempts.note(actorOf(context), method, routeOptions.url ?? '');
    }
    throw refused;
  }

  override handleRequest<T>(error: unknown, caller: T | false): T {
    if (error instanceof Error) throw error;
    if (caller === false) throw unauthorized();
    return caller;
  }

  private accessOf(context: ExecutionContext): RouteAccess {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, places) ?? 'keys';
  }
}
