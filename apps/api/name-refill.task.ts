import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/common';
import { JobNames } from '#libs/jobs';

const INTERVAL_MS = 5_000;

/**
 * Fills in the names of jobs after users were added or corrected. The command that did so does it at once; what it
 * could not finish is finished here.
 */
@Injectable()
export class NameRefillTask implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly names: JobNames,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      const changed = await this.names.refillPending();
      if (changed > 0) this.logger.info({ changed }, 'filled in names of jobs');
    } catch (error) {
      this.logger.warn({ err: error }, 'names of jobs could not be filled in; tried again soon');
    }
    if (this.timer !== undefined) this.onApplicationBootstrap();
  }
}
