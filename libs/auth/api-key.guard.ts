import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unauthorized } from '#libs/common';
import { RequestLimits } from '#libs/limits';
import { API_KEY_STRATEGY, type AskedRequest } from './api-key.strategy.js';
import { callerOf } from './caller.js';
import { RefusedAttempts } from './refused-attempts.js';
import { actorOf } from './request-actor.js';
import { accessRefusal, DURING_OUTAGES, ROUTE_ACCESS, type RouteAccess } from './route-access.js';

/** The one guard of all routes: a valid key that the route is for and that has not asked too often, or the route is marked with `@OpenRoute()`. */
@Injectable()
export class ApiKeyGuard extends AuthGuard(API_KEY_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RequestLimits,
    private readonly refusedAttempts: RefusedAttempts,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.accessOf(context);
    if (access === 'open') return true;
    if (this.isForOutages(context)) context.switchToHttp().getRequest<AskedRequest>().isForOutages = true;
    if (!(await super.canActivate(context))) return false;
    const caller = callerOf(context);
    const tooOften = this.limits.keyRefusal(caller.keyId, context.switchToHttp().getResponse<FastifyReply>());
    if (tooOften !== null) throw tooOften;
    const refused = accessRefusal(access, caller);
    if (refused === null) return true;
    if (access === 'admins') {
      const { method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
      // The route and not the path, which may hold anything.
      await this.refusedAttempts.note(actorOf(context), method, routeOptions.url ?? '');
    }
    throw refused;
  }

  override handleRequest<T>(error: unknown, caller: T | false, _info: unknown, context: ExecutionContext): T {
    if (error instanceof Error) throw error;
    if (caller === false) {
      const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
      throw this.limits.failedKeyRefusal(ip) ?? unauthorized();
    }
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
