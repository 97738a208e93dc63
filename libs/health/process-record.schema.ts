import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { SchemaTypes } from 'mongoose';
import type { HealthPart, KnownStatus } from './health-part.js';

export const PROCESS_KINDS = ['api', 'collector'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** What a running process says of itself, again and again; gone a minute after it no longer does. */
@Schema({ collection: 'processes', versionKey: false, minimize: false })
export class ProcessRecord {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  kind!: ProcessKind;

  /** Host and pid: as people know it. */
  @Prop({ type: String, required: true })
  name!: string;

  /** Where it answers; null where it does not. */
  @Prop({ type: String, default: null })
  url!: string | null;

  /** By its own clock. */
  @Prop({ type: Date, required: true })
  started_at!: Date;

  /** By the clock of the database server, as `expires_at` is. */
  @Prop({ type: Date, required: true })
  seen_at!: Date;

  @Prop({ type: Date, required: true })
  expires_at!: Date;

  /** Of this process alone. */
  @Prop({ type: [SchemaTypes.Mixed], default: [] })
  own!: HealthPart[];

  /** Of what all processes look at. */
  @Prop({ type: [SchemaTypes.Mixed], default: [] })
  shared!: KnownStatus[];
}

export const ProcessRecordSchema = SchemaFactory.createForClass(ProcessRecord);
ProcessRecordSchema.index({ expires_at: 1 }, { name: 'expires_at', expireAfterSeconds: 0 });
