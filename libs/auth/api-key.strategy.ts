import { Injectable, Optional } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { RequestLimits } from '#libs/limits';
import { AuthenticationService } from './authentication.service.js';
import type { Caller } from './caller.js';

export const API_KEY_STRATEGY = 'api-key';

/** Passport's way to the keys: Bearer and Basic in one strategy, since both carry the same key. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor(
    private readonly authentication: AuthenticationService,
    @Optional() private readonly limits?: RequestLimits,
  ) {
    super();
  }

  async validate({ ip, raw }: FastifyRequest): Promise<Caller | false> {
    const headers = raw.headersDistinct['authorization'] ?? [];
    const caller = await this.authentication.authenticate(headers, this.limits?.turnsFor(ip) ?? null);
    return caller ?? false;
  }
}
