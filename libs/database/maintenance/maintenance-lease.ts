import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoServerError, ObjectId } from 'mongodb';
import type { Connection } from 'mongoose';
import { MAINTENANCE } from '../bare-collections.js';
import { DUPLICATE_KEY } from '../duplicate-key.js';

/** Another process changes the database as a whole, and went on for longer than this one waits. */
export class MaintenanceBusyError extends Error {
  override readonly name = 'MaintenanceBusyError';
}

/** Another process may have taken over what this one was doing. */
class MaintenanceLeaseLost extends Error {
  override readonly name = 'MaintenanceLeaseLost';
}

interface LeaseDocument {
  _id: 'lease';
  holder: string;
  /** In words: what the others wait for. */
  doing: string;
  /** By the clock of the database server. */
  until: Date;
}

/** After its holder is gone, others take over within so long. */
const TTL_MS = 30_000;
const RENEWALS = 3;
const UNTIL = { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: TTL_MS } };
const LOOK_AGAIN_MS = 200;
const TELL_AGAIN_MS = 10_000;

/** What work under the lease is told. */
export interface HeldLease {
  /** @throws where this process may not hold it any more, and must not write */
  check(): void;
}

export interface LeaseTerms {
  /** Such as `migrating the database`. */
  doing: string;
  /** How long to wait while another has it. */
  patienceMs: number;
  report: (message: string) => void;
}

/**
 * Does what one process at a time may do to a database as a whole: others wait until it is done, or take over where its
 * process died.
 * @throws MaintenanceBusyError where another takes longer than this one waits
 */
export async function withMaintenanceLease<T>(
  connection: Connection,
  terms: LeaseTerms,
  work: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  const lease = new MaintenanceLease(connection, terms.doing);
  await lease.await(terms);
  try {
    return await work(lease);
  } finally {
    await lease.release();
  }
}

class MaintenanceLease implements HeldLease {
  private readonly holder = `${hostname()} ${process.pid} ${new ObjectId().toHexString()}`;
  private heldUntil = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly doing: string,
  ) {}

  async await({ patienceMs, report }: LeaseTerms): Promise<void> {
    const patienceEnds = performance.now() + patienceMs;
    let tellAt = 0;
    for (;;) {
      const other = await this.take();
      if (this.heldUntil > 0) break;
      const [host = '?', pid = '?'] = other?.holder.split(' ') ?? [];
      const who = `process ${pid} on ${host}, which is ${other?.doing ?? 'done by now'}`;
      if (performance.now() > patienceEnds) {
        throw new MaintenanceBusyError(
          `Gave up waiting for ${who}, after ${Math.round(patienceMs / 1000)} s. Look whether it gets on, or end it; then start this again.`,
        );
      }
      if (performance.now() >= tellAt) {
        report(`Waiting for ${who}`);
        tellAt = performance.now() + TELL_AGAIN_MS;
      }
      await delay(LOOK_AGAIN_MS);
    }
    this.renewSoon();
  }

  check(): void {
    if (performance.now() < this.heldUntil) return;
    throw new MaintenanceLeaseLost(
      `The database did not answer for so long that another process may be ${this.doing} by now. Start this again.`,
    );
  }

  async release(): Promise<void> {
    clearTimeout(this.timer);
    this.heldUntil = 0;
    // Where it cannot be given back, it expires.
    await this.leases.deleteOne({ _id: 'lease', holder: this.holder }).catch(() => undefined);
  }

  /** @returns who has it, where this process has not */
  private async take(): Promise<LeaseDocument | null> {
    const asked = performance.now();
    const isFree = {
      $or: [
        { $eq: [{ $type: '$holder' }, 'missing'] },
        { $eq: ['$holder', { $literal: this.holder }] },
        { $lte: ['$until', '$$NOW'] },
      ],
    };
    const mine = { holder: { $literal: this.holder }, doing: { $literal: this.doing }, until: UNTIL };
    const taken = Object.entries(mine).map(
      ([field, value]) => [field, { $cond: [isFree, value, `$${field}`] }] as const,
    );
    const options = { upsert: true, returnDocument: 'after' } as const;
    try {
      const lease = await this.leases.findOneAndUpdate(
        { _id: 'lease' },
        [{ $set: Object.fromEntries(taken) }],
        options,
      );
      if (lease?.holder !== this.holder) return lease;
      this.heldUntil = asked + TTL_MS;
      return null;
    } catch (error) {
      // Another was first to make the document, at the same moment.
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      return this.leases.findOne({ _id: 'lease' });
    }
  }

  private renewSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.renew();
    }, TTL_MS / RENEWALS);
    this.timer.unref();
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    try {
      const { matchedCount } = await this.leases.updateOne({ _id: 'lease', holder: this.holder }, [
        { $set: { until: UNTIL } },
      ]);
      if (this.heldUntil === 0) return;
      this.heldUntil = matchedCount === 0 ? 0 : asked + TTL_MS;
    } catch {
      // The database may be back before it runs out.
    }
    if (this.heldUntil > 0) this.renewSoon();
  }

  private get leases() {
    return this.connection.collection<LeaseDocument>(MAINTENANCE);
  }
}
