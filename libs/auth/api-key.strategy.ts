import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
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
    return (await this.authentication.authenticate(request.raw.headersDistinct['authorization'] ?? [])) ?? false;
  }
}
