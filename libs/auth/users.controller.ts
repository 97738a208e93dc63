import { Controller, Get, Header, HttpCode, Patch, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#libs/audit';
import { ADMIN_BASE, JSON_MEDIA_TYPE, nextLink } from '#libs/common';
import { DatabaseCalls } from '#libs/database';
import { AccountErrorFilter } from './account-error.filter.js';
import { UsersListQuery } from './admin.queries.js';
import { type Caller, CurrentCaller } from './caller.js';
import { PathValue } from './path-value.js';
import { RequestActor } from './request-actor.js';
import { AdminRoute } from './route-access.js';
import { refuseSelfLockout } from './self-lockout.js';
import { readNewUser, readUserChanges } from './user-fields.js';
import { UserAddAnswer, UserChangeAnswer, UserOneAnswer, UsersListAnswer, UserStatusAnswer } from './users.openapi.js';
import { type UserChanges, type UserRecord, UsersService } from './users.service.js';

@ApiTags('admin')
@AdminRoute()
@UseFilters(AccountErrorFilter)
@Controller(`${ADMIN_BASE}/users`)
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly calls: DatabaseCalls,
  ) {}

  @Get()
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @UsersListAnswer()
  async list(
    @Query() { after, limit }: UsersListQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserRecord[]> {
    const found = await this.calls.run(() => this.users.page(after, limit + 1));
    const page = found.slice(0, limit);
    const last = page.at(-1)?.mila_email_username ?? '';
    if (found.length > limit) void reply.header('Link', nextLink(request.originalUrl, encodeURIComponent(last)));
    return page;
  }

  @Post()
  @UserAddAnswer()
  async add(
    @RequestActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserRecord> {
    const { email, changes } = await readNewUser(request.raw);
    const user = await this.calls.write(() => this.users.add(email, changes, actor));
    void reply.header('Location', `${ADMIN_BASE}/users/${encodeURIComponent(user.mila_email_username)}`);
    return user;
  }

  @Get(':email')
  @UserOneAnswer()
  one(@PathValue('email') email: string): Promise<UserRecord> {
    return this.calls.run(() => this.users.one(email));
  }

  @Patch(':email')
  @UserChangeAnswer()
  async change(
    @PathValue('email') email: string,
    @CurrentCaller() caller: Caller,
    @RequestActor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<UserRecord> {
    return this.apply(email, await readUserChanges(request.raw, email), caller, actor);
  }

  @Post(':email/disable')
  @HttpCode(200)
  @UserStatusAnswer('disable')
  disable(
    @PathValue('email') email: string,
    @CurrentCaller() caller: Caller,
    @RequestActor() actor: Actor,
  ): Promise<UserRecord> {
    return this.apply(email, { status: 'disabled' }, caller, actor);
  }

  @Post(':email/enable')
  @HttpCode(200)
  @UserStatusAnswer('enable')
  enable(
    @PathValue('email') email: string,
    @CurrentCaller() caller: Caller,
    @RequestActor() actor: Actor,
  ): Promise<UserRecord> {
    return this.apply(email, { status: 'enabled' }, caller, actor);
  }

  private async apply(email: string, changes: UserChanges, caller: Caller, actor: Actor): Promise<UserRecord> {
    refuseSelfLockout(caller, email, changes);
    return this.calls.write(() => this.users.change(email, changes, actor));
  }
}
