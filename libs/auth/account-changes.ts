import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { ChangeStream, ChangeStreamDocument } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Logger } from 'pino';
import { LOGGER, requestContext } from '#libs/common';

/** The server answers at least so often, change or not. */
const BEAT_MS = 1_000;
/** Without an answer for this long, changes may have been missed. */
const MOST_SILENCE_MS = 2_500;
const RETRY_MS = 5_000;

/**
 * Tells of changes of users and keys, whichever process made them, as soon as they are made: by a change stream, which a
 * lone server does not have.
 */
@Injectable()
export class AccountChanges implements OnApplicationShutdown {
  private heard = Number.NEGATIVE_INFINITY;
  private watching: Promise<void> | undefined;
  private stream: ChangeStream | undefined;
  private readonly stop = new AbortController();
  private count = 0;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Goes up with every change, and when changes may have been missed: what was read under one version holds as long as
   * it is still the same. The first call begins to watch.
   * @returns null while changes are not heard of
   */
  version(): number | null {
    // It goes on after the request that happens to begin it.
    this.watching ??= requestContext.exit(() => this.watch());
    return performance.now() - this.heard < MOST_SILENCE_MS ? this.count : null;
  }

  /** This process has made a change: nobody here waits until it is heard of. */
  changed(): void {
    this.count += 1;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.stream?.close().catch(() => undefined);
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isStopped()) {
      try {
        await this.listen();
      } catch (error) {
        if (this.isStopped()) return;
        this.logger.debug({ err: error }, 'changes of users and keys are not heard of for the moment');
      }
      this.heard = Number.NEGATIVE_INFINITY;
      this.count += 1;
      await delay(RETRY_MS, undefined, { ref: false, signal: this.stop.signal }).catch(() => undefined);
    }
  }

  private async listen(): Promise<void> {
    const names = ['users', 'api_keys'];
    // A restore puts others in their places: by a rename, which goes by the name of before.
    const collections = { $match: { $or: [{ 'ns.coll': { $in: [...names, null] } }, { 'to.coll': { $in: names } }] } };
    // The driver's own: Mongoose's is an event emitter, which does not tell that nothing has happened.
    const database = this.connection.getClient().db(this.connection.name);
    const stream = database.watch([collections], { maxAwaitTimeMS: BEAT_MS });
    this.stream = stream;
    try {
      while (!this.isStopped()) {
        const change = await stream.tryNext();
        if (change !== null && !isUseAlone(change)) this.count += 1;
        this.heard = performance.now();
      }
    } finally {
      await stream.close().catch(() => undefined);
    }
  }

  private isStopped(): boolean {
    return this.stop.signal.aborted;
  }
}

/** A key's last use is noted every minute, and changes nothing. */
function isUseAlone(change: ChangeStreamDocument): boolean {
  if (change.operationType !== 'update') return false;
  const { updatedFields, removedFields } = change.updateDescription;
  const changed = [...Object.keys(updatedFields ?? {}), ...(removedFields ?? [])];
  return changed.every((field) => field === 'last_used');
}
