import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { authenticationFailures } from '#libs/metrics';
import { AuthenticationService } from './authentication.service.js';
import type { Caller } from './caller.js';

export const API_KEY_STRATEGY = 'api-key';

export interface AskedRequest {
  raw: IncomingMessage;
  /** Set by the guard: the route is to be open to administrators also while the database does not answer. */
  isForOutages?: boolean;
}

/** Passport's way to the keys: Bearer and Basic in one strategy, since both carry the same key. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor(private readonly authentication: AuthenticationService) {
    super();
  }

  async validate(request: AskedRequest): Promise<Caller | false> {
    const headers = request.raw.headersDistinct['authorization'] ?? [];
    const caller = request.isForOutages
      ? await this.authentication.authenticateInOutage(headers)
      : await this.authentication.authenticate(headers);
    if (caller !== null) return caller;
    authenticationFailures.inc({ reason: headers.length === 0 ? 'no_key' : 'refused' });
    return false;
  }
}
