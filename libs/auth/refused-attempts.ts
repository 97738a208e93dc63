import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { type Actor, AuditLog } from '#libs/audit';
import { LOGGER } from '#libs/common';
import { DatabaseCalls } from '#libs/database';
import { RateLimit } from '#libs/limits';

/** Of each key in each process: whoever tries more often is known by then, and must not fill the log. */
const MOST_RECORDED = 10;
const WITHIN_MS = 3_600_000;
const MOST_KEYS = 10_000;

/** Notes who asked for what is for administrators, with a valid key that does not have the right. */
@Injectable()
export class RefusedAttempts {
  private readonly rate = new RateLimit(MOST_RECORDED, MOST_KEYS, WITHIN_MS);

  constructor(
    private readonly audit: AuditLog,
    private readonly calls: DatabaseCalls,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The refusal stands whether or not it could be noted. */
  async note(actor: Actor, method: string, route: string): Promise<void> {
    if (!this.rate.take(actor.who.key_id ?? '', performance.now()).isAllowed) return;
    try {
      const target = `${method} ${route}`;
      await this.calls.write(() => this.audit.record({ actor, what: 'admin.refuse', target }));
    } catch (error) {
      this.logger.warn({ err: error }, 'a refused attempt could not be noted in the audit log');
    }
  }
}
