import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { collectorActor } from '#libs/audit';
import type { ArchiveConfiguration } from '#libs/common';
import type { ArchiveTurns, JobArchiver } from '#libs/jobs';

/** How often it is looked whether it is time. */
const LOOK_MS = 60_000;
/** It works this part of the time, so that cycles and requests have the rest. */
const SHARE = 0.1;

/** Archives jobs once a day, in small bites between which the database is everybody else's. */
export class DailyArchive {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly archiver: JobArchiver,
    private readonly turns: ArchiveTurns,
    private readonly configuration: ArchiveConfiguration,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const { afterMs, keptMs } = this.configuration;
    if (afterMs !== null || keptMs !== null) this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look(signal);
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    try {
      if (await this.turns.take()) await this.once();
    } catch (error) {
      if (!signal.aborted) this.logger.warn({ err: error }, 'jobs could not be archived; tried again within an hour');
    }
  }

  private async once(): Promise<void> {
    const now = Date.now();
    const { afterMs, keptMs } = this.configuration;
    const before = (age: number | null) => (age === null ? null : new Date(now - age));
    const terms = { endedBefore: before(afterMs), deletedBefore: before(keptMs), cluster: null };
    const done = await this.archiver.run(terms, {
      actor: collectorActor(),
      report: (message) => {
        this.logger.debug(message);
      },
      share: SHARE,
      signal: this.stopping.signal,
    });
    if (done.archived + done.deleted > 0) this.logger.info(done, 'jobs were archived');
  }
}
