import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { NameKind } from './user-names.js';

/** A person who may ask and be asked about. */
@Schema({ collection: 'users', versionKey: false })
export class User {
  /** In lower case; it identifies the person. */
  @Prop({ type: String, required: true })
  mila_email_username!: string;

  @Prop({ type: String, default: null })
  mila_cluster_username!: string | null;

  @Prop({ type: String, default: null })
  cc_account_username!: string | null;

  /** A disabled user's keys are refused. */
  @Prop({ type: String, enum: ['enabled', 'disabled'], default: 'enabled' })
  status!: 'enabled' | 'disabled';

  @Prop({ type: Boolean, default: false })
  admin!: boolean;

  /** The clusters that they may see; null: all. */
  @Prop({ type: [String], default: null })
  clusters!: string[] | null;

  /** Names whose jobs may have to be filled in anew; taken out once that is done, so that a crash in between heals. */
  @Prop({ type: [{ _id: false, kind: String, name: String }], default: [] })
  refill!: { kind: NameKind; name: string }[];
}

export const UserSchema = SchemaFactory.createForClass(User);
UserSchema.index({ mila_email_username: 1 }, { name: 'email', unique: true });
// A name of one kind belongs to one user; any number of users have none.
UserSchema.index(
  { mila_cluster_username: 1 },
  { name: 'cluster_username', unique: true, partialFilterExpression: { mila_cluster_username: { $type: 'string' } } },
);
UserSchema.index(
  { cc_account_username: 1 },
  { name: 'cc_username', unique: true, partialFilterExpression: { cc_account_username: { $type: 'string' } } },
);
UserSchema.index(
  { 'refill.name': 1 },
  { name: 'refill', partialFilterExpression: { 'refill.name': { $exists: true } } },
);
