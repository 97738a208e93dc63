import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Model, PipelineStage } from 'mongoose';
import { DatabaseCalls, DUPLICATE_KEY } from '#libs/database';
import { ClusterLease } from './cluster-lease.schema.js';

/** More than a lab has ever had. */
const MOST_LEASES = 1_000;

/** Who reads a cluster, or did last. */
export interface HeldLease {
  cluster: string;
  holder: string;
  /** By the clock of the database server. */
  until: Date;
}

export type LeaseAnswer =
  | {
      held: true;
      /**
       * Until when the holder may rely on it, by its own `performance.now()`: reckoned from before it asked, and a
       * millisecond less since the server's clock counts whole ones, so that the server's lease ends later, whatever the
       * clocks say. A process that slept past it has to ask again before it writes.
       */
      heldUntil: number;
    }
  | {
      held: false;
      /** Who holds it, and until when by the server's clock; null where nobody does. */
      by: { holder: string; until: Date } | null;
    };

/**
 * Which of several collectors reads a cluster: at any time one at most. All is decided in single updates of one document
 * and by the clock of the database server, so that it does not matter how the clocks of the collectors go.
 */
@Injectable()
export class ClusterLeases {
  constructor(
    @InjectModel(ClusterLease.name) private readonly leases: Model<ClusterLease>,
    private readonly calls: DatabaseCalls,
  ) {}

  /**
   * Takes the lease of a cluster where nobody holds it or whoever did has let it expire, or prolongs one's own.
   * @param holder names this process, and no other on any machine
   */
  async take(cluster: string, holder: string, ttlMs: number): Promise<LeaseAnswer> {
    const asked = performance.now();
    const isFree = {
      $or: [
        { $eq: [{ $type: '$holder' }, 'missing'] },
        { $eq: ['$holder', { $literal: holder }] },
        { $lte: ['$until', '$$NOW'] },
      ],
    };
    const taken = {
      holder: { $cond: [isFree, { $literal: holder }, '$holder'] },
      until: { $cond: [isFree, after(ttlMs), '$until'] },
    };
    try {
      const lease = await this.calls.write(() =>
        this.leases.collection.findOneAndUpdate(idOf(cluster), set(taken), { upsert: true, returnDocument: 'after' }),
      );
      return answerOf(lease as ClusterLease | null, holder, asked + ttlMs - 1);
    } catch (error) {
      // Another was first to make the document, at the same moment.
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      return this.heldBy(cluster);
    }
  }

  /** Prolongs a lease that one still holds; one that has expired too, where nobody has taken it. */
  async renew(cluster: string, holder: string, ttlMs: number): Promise<LeaseAnswer> {
    const asked = performance.now();
    const lease = await this.calls.write(() =>
      this.leases.collection.findOneAndUpdate({ ...idOf(cluster), holder }, set({ until: after(ttlMs) }), {
        returnDocument: 'after',
      }),
    );
    return lease === null
      ? this.heldBy(cluster)
      : answerOf(lease as unknown as ClusterLease, holder, asked + ttlMs - 1);
  }

  /** Gives a lease back, so that another can take it at once. One that is another's stays. */
  async release(cluster: string, holder: string): Promise<void> {
    await this.calls.write(() => this.leases.collection.deleteOne({ ...idOf(cluster), holder }));
  }

  /** All that are held, or were by a process that did not give them back. */
  async list(): Promise<HeldLease[]> {
    const leases = await this.calls.run(() => this.leases.find().limit(MOST_LEASES).lean());
    return leases.map(({ _id, holder, until }) => ({ cluster: _id, holder, until }));
  }

  private async heldBy(cluster: string): Promise<LeaseAnswer> {
    const lease = await this.calls.run(() => this.leases.findById(cluster).lean());
    return { held: false, by: lease === null ? null : { holder: lease.holder, until: lease.until } };
  }
}

function answerOf(lease: ClusterLease | null, holder: string, heldUntil: number): LeaseAnswer {
  if (lease === null) return { held: false, by: null };
  if (lease.holder === holder) return { held: true, heldUntil };
  return { held: false, by: { holder: lease.holder, until: lease.until } };
}

function after(ttlMs: number) {
  return { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ttlMs } };
}

function set(fields: Record<string, unknown>): PipelineStage.Set[] {
  return [{ $set: fields as PipelineStage.Set['$set'] }];
}

/** The driver's types take no `_id` but an ObjectId here. */
function idOf(cluster: string): object {
  return { _id: cluster };
}
