import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditLog, auditCursor, readAuditCursor, shownAuditEntry, sinceInstant } from '#libs/audit';
import { ADMIN_BASE, badRequest, JSON_MEDIA_TYPE, nextLink } from '#libs/common';
import { AuditQuery } from './admin.queries.js';
import { AuditListAnswer } from './audit.openapi.js';
import { AdminRoute } from './route-access.js';

/** The audit log's route; here, since the log itself knows nothing of keys. */
@ApiTags('admin')
@AdminRoute()
@Controller(`${ADMIN_BASE}/audit`)
export class AuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @AuditListAnswer()
  async list(
    @Query() { since, who, what, limit, before }: AuditQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object[]> {
    const found = await this.audit.list({
      since: since === undefined ? undefined : instant(since),
      who,
      what,
      before: before === undefined ? undefined : place(before),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    if (found.length > limit && last !== undefined) {
      void reply.header('Link', nextLink(request.originalUrl, auditCursor(last), 'before'));
    }
    return page.map(shownAuditEntry);
  }
}

function instant(since: string): Date {
  const instant = sinceInstant(since, new Date());
  if (instant !== null) return instant;
  throw badRequest(
    'since: must be a number and a unit (s, m, h, d, w), such as 7d, or a time of ISO 8601 with its offset, such as 2026-01-05T14:00:00Z.',
  );
}

function place(before: string) {
  const place = readAuditCursor(before);
  if (place !== null) return place;
  throw badRequest('before: is not a cursor of this list. Take it from the "next" link of the page before.');
}
