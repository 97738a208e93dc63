import { Controller, Get, Header, HttpCode, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#libs/audit';
import { ADMIN_BASE, JSON_MEDIA_TYPE, nextLink } from '#libs/common';
import { DatabaseCalls } from '#libs/database';
import { AccountErrorFilter } from './account-error.filter.js';
import { KeysListQuery } from './admin.queries.js';
import type { KeyScope } from './api-key.schema.js';
import { type ApiKeyDescription, ApiKeysService } from './api-keys.service.js';
import { type Caller, CurrentCaller } from './caller.js';
import { readNewKey } from './key-fields.js';
import { KeyCreateAnswer, KeyRevokeAnswer, KeysListAnswer } from './keys.openapi.js';
import { PathValue } from './path-value.js';
import { RequestActor } from './request-actor.js';
import { AdminRoute } from './route-access.js';
import { refuseOwnKey } from './self-lockout.js';

type ShownKey = ApiKeyDescription & { scope: KeyScope };

@ApiTags('admin')
@AdminRoute()
@UseFilters(AccountErrorFilter)
@Controller(`${ADMIN_BASE}/keys`)
export class KeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly calls: DatabaseCalls,
  ) {}

  @Get()
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @KeysListAnswer()
  async list(
    @Query() { email, after, limit }: KeysListQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ShownKey[]> {
    const found = await this.calls.run(() => this.keys.page(email, after, limit + 1));
    const page = found.slice(0, limit);
    if (found.length > limit) void reply.header('Link', nextLink(request.originalUrl, page.at(-1)?.id ?? ''));
    return page.map(shown);
  }

  @Post()
  @KeyCreateAnswer()
  async create(
    @RequestActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ShownKey & { key: string }> {
    const { email, ...options } = await readNewKey(request.raw, new Date());
    const { key, description } = await this.calls.write(() => this.keys.create(email, options, actor));
    void reply.header('Cache-Control', 'no-store');
    return { key, ...shown(description) };
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @KeyRevokeAnswer()
  async revoke(
    @PathValue('id') id: string,
    @CurrentCaller() caller: Caller,
    @RequestActor() actor: Actor,
  ): Promise<ShownKey> {
    refuseOwnKey(caller, id);
    return shown(await this.calls.write(() => this.keys.revoke(id, actor)));
  }
}

function shown({ scope, ...key }: ApiKeyDescription): ShownKey {
  return { ...key, scope: scope ?? 'all' };
}
