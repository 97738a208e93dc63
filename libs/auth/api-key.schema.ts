import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** What a key is for: all that its owner may do, or reading `/metrics` alone. */
export const KEY_SCOPES = ['all', 'metrics'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** A user's key, without its secret: that is shown once and never stored. */
@Schema({ collection: 'api_keys', versionKey: false })
export class ApiKey {
  /** The public part of the key, by which people name it. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** SHA-256 of the secret, in hexadecimal. 256 random bits cannot be guessed, so no slow hash is needed. */
  @Prop({ type: String, required: true })
  hash!: string;

  /** Whose key it is: the user's `mila_email_username`. */
  @Prop({ type: String, required: true })
  email!: string;

  @Prop({ type: String, default: null })
  name!: string | null;

  /** Not there in keys of before there were scopes: all. */
  @Prop({ type: String, enum: KEY_SCOPES })
  scope?: KeyScope;

  @Prop({ type: Date, required: true })
  created!: Date;

  @Prop({ type: Date, default: null })
  expires!: Date | null;

  /** To the minute. */
  @Prop({ type: Date, default: null })
  last_used!: Date | null;

  @Prop({ type: Date, default: null })
  revoked!: Date | null;
}

export const ApiKeySchema = SchemaFactory.createForClass(ApiKey);
ApiKeySchema.index({ created: 1, _id: 1 }, { name: 'created' });
ApiKeySchema.index({ email: 1, created: 1 }, { name: 'email_created' });
// Keys are looked up by it.
ApiKeySchema.index({ hash: 1 }, { name: 'hash' });
