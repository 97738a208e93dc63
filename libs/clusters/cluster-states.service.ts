import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import type { SourceReading } from '#libs/slurm';
import type { ClusterConfiguration } from './cluster-configuration.js';
import { Cluster, type ReadingKind, type WholeReading, type WorkKind } from './cluster.schema.js';

/** An error may carry what a cluster printed. */
const MOST_MESSAGE_CHARACTERS = 1000;
/** More than a lab has ever had. */
const MOST_CLUSTERS = 1_000;

/** In milliseconds since 1970. */
export interface SweepProgress {
  /** Until when accounting is known; null where it never was gone through. */
  until: number | null;
  /** Where the next step begins; null where none is under way. */
  at: number | null;
}

/** What the collector writes down of its work on each cluster, for all who want to know how fresh its data is. */
@Injectable()
export class ClusterStates {
  constructor(
    @InjectModel(Cluster.name) private readonly clusters: Model<Cluster>,
    private readonly calls: DatabaseCalls,
  ) {}

  /**
   * A cluster is configured; what was read of it before stays known. Comes before everything else.
   * @param source how it is reached, in words
   */
  async configured(cluster: ClusterConfiguration, source: string): Promise<void> {
    const fields = {
      configured: true,
      account_kind: cluster.accountKind,
      time_zone: cluster.timeZone,
      interval_ms: cluster.intervalMs,
      source,
    };
    const unread = {
      slurm_version: null,
      jobs: null,
      nodes: null,
      accounting: null,
      swept_until: null,
      sweep_at: null,
      failures: {},
      waiting: 0,
      next_at: null,
    };
    await this.update(cluster.name, { $set: fields, $setOnInsert: unread }, { upsert: true });
  }

  /** These are all that are configured: of any other it is noted that nobody reads it any more. */
  async removedExcept(names: readonly string[]): Promise<void> {
    const gone = { configured: false, failures: {}, waiting: 0, next_at: null };
    await this.calls.write(() =>
      this.clusters.collection.updateMany({ name: { $nin: [...names] }, configured: true }, { $set: gone }),
    );
  }

  /** A question was answered whole, and what it told is in the database by now. Ends a failure of this kind. */
  async readWhole(name: string, what: ReadingKind, reading: SourceReading): Promise<void> {
    const whole: WholeReading = {
      observed_at: new Date(reading.observedAt),
      duration_ms: reading.milliseconds,
      records: reading.records,
      skipped: reading.skippedCount,
    };
    const version = reading.slurmVersion === null ? {} : { slurm_version: reading.slurmVersion };
    const counted = {
      [`totals.readings.${what}`]: 1,
      [`totals.asked_ms.${what}`]: reading.milliseconds,
      [`totals.records.${what}`]: reading.records,
      [`totals.skipped.${what}`]: reading.skippedCount,
    };
    const change = { $set: { [what]: whole, ...version }, $unset: { [`failures.${what}`]: '' }, $inc: counted };
    await this.update(name, change);
  }

  /** @param error such as a SourceError */
  async failed(name: string, what: WorkKind, error: { kind: string; message: string }): Promise<void> {
    const before = (field: string) => `$failures.${what}.${field}`;
    const at = new Date();
    const failure = {
      since: { $ifNull: [before('since'), at] },
      at,
      kind: { $literal: error.kind },
      message: { $literal: error.message.slice(0, MOST_MESSAGE_CHARACTERS) },
      consecutive: { $add: [{ $ifNull: [before('consecutive'), 0] }, 1] },
    };
    const total = `totals.failures.${what}`;
    const counted = { [total]: { $add: [{ $ifNull: [`$${total}`, 0] }, 1] } };
    await this.update(name, [{ $set: { [`failures.${what}`]: failure, ...counted } }]);
  }

  /** Work that is no whole reading, such as a write or a question to accounting about some jobs, went well. */
  async succeeded(name: string, what: WorkKind): Promise<void> {
    const failure = `failures.${what}`;
    await this.calls.write(() =>
      this.clusters.collection.updateOne({ name, [failure]: { $exists: true } }, { $unset: { [failure]: '' } }),
    );
  }

  /** How far accounting has been gone through. */
  async sweep(name: string): Promise<SweepProgress> {
    const state = await this.calls.run(() => this.clusters.findOne({ name }, { swept_until: 1, sweep_at: 1 }).lean());
    return { until: state?.swept_until?.getTime() ?? null, at: state?.sweep_at?.getTime() ?? null };
  }

  async setSweep(name: string, { until, at }: SweepProgress): Promise<void> {
    const date = (time: number | null) => (time === null ? null : new Date(time));
    await this.update(name, { $set: { swept_until: date(until), sweep_at: date(at) } });
  }

  /** When the jobs were last read whole, milliseconds since 1970; null where they never were. */
  async jobsReadAt(name: string): Promise<number | null> {
    const state = await this.calls.run(() => this.clusters.findOne({ name }, { jobs: 1 }).lean());
    return state?.jobs?.observed_at.getTime() ?? null;
  }

  /**
   * A cycle is over.
   * @param nextAt when the cluster is asked next, milliseconds since 1970
   * @param waiting how many vanished jobs accounting is still asked for
   */
  async planned(name: string, nextAt: number, waiting: number): Promise<void> {
    await this.update(name, { $set: { next_at: new Date(nextAt), waiting }, $inc: { 'totals.cycles': 1 } });
  }

  /** Of all clusters, by name. */
  async list(): Promise<Cluster[]> {
    return this.calls.run(() => this.clusters.find().sort({ name: 1 }).limit(MOST_CLUSTERS).lean());
  }

  private async update(name: string, change: object, options: { upsert?: boolean } = {}): Promise<void> {
    await this.calls.write(() => this.clusters.collection.updateOne({ name }, change, options));
  }
}
