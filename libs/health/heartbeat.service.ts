import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/common';
import { HealthService } from './health.service.js';
import type { KnownStatus } from './health-part.js';
import type { ProcessKind } from './process-record.schema.js';
import { ProcessRecords } from './process-records.service.js';
import { ThisProcess } from './this-process.js';
import { within } from './within.js';

const BEAT_MS = 10_000;
/** Who is stopped waits no longer for its record to go; it expires by itself. */
const MOST_LEAVING_MS = 2_000;
/** What a process alone has is in its record whole. */
const OF_ONE_PROCESS = new Set(['process', 'event_loop', 'queues']);

/** Has a process look at its health again and again, so that it knows since when, and write down what it is for others. */
@Injectable()
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly health: HealthService,
    private readonly records: ProcessRecords,
    private readonly self: ThisProcess,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param url where it answers; null where it does not */
  start(kind: ProcessKind, url: string | null): void {
    this.self.begin(kind, url);
    this.beating = this.beat();
  }

  async stop(): Promise<void> {
    const { introduction } = this.self;
    if (introduction === null) return;
    this.self.end();
    clearTimeout(this.timer);
    // One that is being written would come back.
    const left = async (): Promise<void> => {
      await this.beating;
      await this.records.remove(introduction._id);
    };
    await within(MOST_LEAVING_MS, left);
  }

  private async beat(): Promise<void> {
    const { introduction } = this.self;
    if (introduction === null) return;
    const { parts } = await this.health.look();
    this.self.endWindow();
    const own = parts.filter(({ part, about }) => part !== 'process' && about === introduction.name);
    const shared = parts
      .filter(({ part }) => !OF_ONE_PROCESS.has(part))
      .map(({ part, about, status, since }): KnownStatus => ({ part, about, status, since }));
    await this.records.write({ ...introduction, own, shared }).catch((error: unknown) => {
      // Without a database there is nobody to tell.
      this.logger.debug({ err: error }, 'this process could not be noted');
    });
    if (this.self.introduction === null) return;
    this.timer = setTimeout(() => {
      this.beating = this.beat();
    }, BEAT_MS);
    this.timer.unref();
  }
}
