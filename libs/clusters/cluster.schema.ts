import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { SchemaTypes } from 'mongoose';
import type { AccountKind } from './cluster-configuration.js';

/** What a cluster is asked for. */
export const READING_KINDS = ['jobs', 'nodes', 'accounting'] as const;
export type ReadingKind = (typeof READING_KINDS)[number];
/** What can fail: to be told something, or to keep it. */
export type WorkKind = ReadingKind | 'write';

/** The last time that a question was answered whole, and the answer kept. */
export interface WholeReading {
  /** When the cluster said so. */
  observed_at: Date;
  /** How long it took over it. */
  duration_ms: number;
  records: number;
  /** Records that could not be read. */
  skipped: number;
}

/** What has failed since it last went well. */
export interface Failure {
  /** The first time of this series. */
  since: Date;
  /** The last time. */
  at: Date;
  kind: string;
  message: string;
  /** How many times in a row. */
  consecutive: number;
}

/** What has come of all readings since the cluster was first read; what was never counted is absent. */
export interface Totals {
  cycles?: number;
  readings?: Partial<Record<ReadingKind, number>>;
  /** How long it took over them, in milliseconds. */
  asked_ms?: Partial<Record<ReadingKind, number>>;
  records?: Partial<Record<ReadingKind, number>>;
  skipped?: Partial<Record<ReadingKind, number>>;
  failures?: Partial<Record<WorkKind, number>>;
}

/** How it stands with the reading of one cluster; the collector writes it. */
@Schema({ collection: 'clusters', versionKey: false, minimize: false })
export class Cluster {
  @Prop({ type: String, required: true })
  name!: string;

  /** Whether the clusters file still has it: what was read of one that it has no more stays, and grows old. */
  @Prop({ type: Boolean, required: true })
  configured!: boolean;

  @Prop({ type: String, required: true })
  account_kind!: AccountKind;

  @Prop({ type: String, required: true })
  time_zone!: string;

  @Prop({ type: Number, required: true })
  interval_ms!: number;

  /** How it is reached, in words. */
  @Prop({ type: String, required: true })
  source!: string;

  @Prop({ type: String, default: null })
  slurm_version!: string | null;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  jobs!: WholeReading | null;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  nodes!: WholeReading | null;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  accounting!: WholeReading | null;

  /** Whatever ended before is known from accounting. */
  @Prop({ type: Date, default: null })
  swept_until!: Date | null;

  /** Up to where accounting has been gone through, while that is being done again. */
  @Prop({ type: Date, default: null })
  sweep_at!: Date | null;

  /** What does not go well at the moment: each kind of work by itself, since one goes on while another fails. */
  @Prop({ type: SchemaTypes.Mixed, default: {} })
  failures!: Partial<Record<WorkKind, Failure>>;

  /** Jobs that have vanished, and that accounting is still asked for. */
  @Prop({ type: Number, default: 0 })
  waiting!: number;

  /** For metrics; it only ever grows. */
  @Prop({ type: SchemaTypes.Mixed })
  totals?: Totals;

  /** When it is asked next. */
  @Prop({ type: Date, default: null })
  next_at!: Date | null;
}

export const ClusterSchema = SchemaFactory.createForClass(Cluster);
ClusterSchema.index({ name: 1 }, { name: 'name', unique: true });
