import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Actor, AuditLog } from '#libs/audit';
import { LOGGER } from '#libs/common';
import { DatabaseCalls } from '#libs/database';

/** Of each key in each process: whoever tries more often is known by then, and must not fill the log. */
const MOST_RECORDED = 10;
const WITHIN_S = 3_600;

/** Notes who asked for what is for administrators, with a valid key that does not have the right. */
@Injectable()
export class RefusedAttempts {
  private readonly limiter = new RateLimiterMemory({ points: MOST_RECORDED, duration: WITHIN_S });

  constructor(
    private readonly audit: AuditLog,
    private readonly calls: DatabaseCalls,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The refusal stands whether or not it could be noted. */
  async note(actor: Actor, method: string, route: string): Promise<void> {
    try {
      await this.limiter.consume(actor.who.key_id ?? '');
      const target = `${method} ${route}`;
      await this.calls.write(() => this.audit.record({ actor, what: 'admin.refuse', target }));
    } catch (error) {
      if (error instanceof RateLimiterRes) return;
      this.logger.warn({ err: error }, 'a refused attempt could not be noted in the audit log');
    }
  }
}
