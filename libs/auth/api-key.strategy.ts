import { Injectable, Optional } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { RequestLimits } from '#libs/limits';
import { authenticationFailures } from '#libs/metrics';
import { AuthenticationService } from './authentication.service.js';
import type { Caller } from './caller.js';

export const API_KEY_STRATEGY = 'api-key';

export interface AskedRequest extends FastifyRequest {
  /** Set by the guard: the route is to be open to administrators also while the database does not answer. */
  isForOutages?: boolean;
}

/** Passport's way to the keys: Bearer and Basic in one strategy, since both carry the same key. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor(
    private readonly authentication: AuthenticationService,
    @Optional() private readonly limits?: RequestLimits,
  ) {
    super();
  }

  async validate(request: AskedRequest): Promise<Caller | false> {
    const sent = request.raw.headersDistinct['authorization'] ?? [];
    const turns = this.limits?.turnsFor(request.ip) ?? null;
    const caller =
      request.isForOutages === true
        ? await this.authentication.authenticateInOutage(sent, turns)
        : await this.authentication.authenticate(sent, turns);
    if (caller !== null) return caller;
    authenticationFailures.inc({ reason: sent.length === 0 ? 'no_key' : 'refused' });
    return false;
  }
}
