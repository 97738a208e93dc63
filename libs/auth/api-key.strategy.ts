import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { authenticationFailures } from '#libs/metrics';
import { AuthenticationService } from './authentication.service.js';
import type { Caller } from './caller.js';

export const API_KEY_STRATEGY = 'api-key';

/** Passport's way to the keys: Bearer and Basic in one strategy, since both carry the same key. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor(private readonly authentication: AuthenticationService) {
    super();
  }

  async validate(request: { raw: IncomingMessage }): Promise<Caller | false> {
    const sent = request.raw.headersDistinct['authorization'] ?? [];
    const caller = await this.authentication.authenticate(sent);
    if (caller !== null) return caller;
    authenticationFailures.inc({ reason: sent.length === 0 ? 'no_key' : 'refused' });
    return false;
  }
}
