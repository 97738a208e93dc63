import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { ObjectId } from 'mongodb';
import { SchemaTypes } from 'mongoose';
import type { ActorName } from './actor.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';

/** Values of fields, as they are stored: texts, numbers, dates, lists of texts. */
export type AuditedFields = Record<string, string | number | boolean | Date | readonly string[] | null>;

export const AUDIT_COLLECTION = 'audit';

/** One change, or one refused attempt. Entries are only ever added; the server takes out old ones. */
@Schema({ collection: AUDIT_COLLECTION, versionKey: false })
export class AuditEntry {
  _id!: ObjectId;

  @Prop({ type: Date, required: true })
  at!: Date;

  @Prop({ type: SchemaTypes.Mixed, required: true })
  who!: ActorName;

  @Prop({ type: String, enum: AUDIT_ACTIONS, required: true })
  what!: AuditAction;

  /** The user's address, the key's id, the route, the file or directory. */
  @Prop({ type: String, required: true })
  target!: string;

  @Prop({ type: String, required: true })
  from!: string;

  @Prop({ type: String, default: null })
  request_id!: string | null;

  /** The fields that were changed, as they were; null where there was nothing. */
  @Prop({ type: SchemaTypes.Mixed, default: null })
  before!: AuditedFields | null;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  after!: AuditedFields | null;
}

export const AuditEntrySchema = SchemaFactory.createForClass(AuditEntry);
AuditEntrySchema.index({ at: -1, _id: -1 }, { name: 'newest' });
