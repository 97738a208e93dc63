import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { hashSecret, newKey } from './api-key-format.js';
import { ApiKey, type KeyScope } from './api-key.schema.js';
import { AccountError } from './account-error.js';
import { User } from './user.schema.js';

export type ApiKeyDescription = Omit<ApiKey, '_id' | 'hash'> & { id: string };

@Injectable()
export class ApiKeysService {
  constructor(
    @InjectModel(ApiKey.name) private readonly keys: Model<ApiKey>,
    @InjectModel(User.name) private readonly users: Model<User>,
  ) {}

  /**
   * Makes a key for a user.
   * @returns the key itself: it cannot be had again
   */
  async create(
    email: string,
    { name, expires, scope }: { name: string | null; expires: Date | null; scope: KeyScope },
  ): Promise<string> {
    const owner = await this.users.findOne({ mila_email_username: email.toLowerCase() }).lean();
    if (owner === null) {
      throw new AccountError(`There is no user ${email}. Add one first: clockwork users add ${email}`);
    }
    const key = newKey();
    await this.keys.create({
      _id: key.id,
      hash: hashSecret(key.secret),
      email: owner.mila_email_username,
      name,
      ...(scope === 'all' ? {} : { scope }),
      created: new Date(),
      expires,
    });
    return key.text;
  }

  /** Oldest first. `scope` is there in keys that are not for all that their owner may do. */
  async list(email?: string): Promise<ApiKeyDescription[]> {
    const filter = email === undefined ? {} : { email: email.toLowerCase() };
    const keys = await this.keys.find(filter).sort({ created: 1 }).lean();
    return keys.map(({ _id, email, name, scope, created, expires, last_used, revoked }) => ({
      id: _id,
      email,
      name,
      ...(scope === undefined ? {} : { scope }),
      created,
      expires,
      last_used,
      revoked,
    }));
  }

  /** Revoking a key again changes nothing. */
  async revoke(id: string): Promise<void> {
    const key = await this.keys.findById(id).lean();
    if (key === null) throw new AccountError(`There is no key ${id}. "clockwork keys list" shows the ids.`);
    await this.keys.updateOne({ _id: id, revoked: null }, { $set: { revoked: new Date() } });
  }
}
