import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { type Actor, AuditLog } from '#libs/audit';
import { LONGEST_WRITE_MS, Sessions } from '#libs/database';
import { AccountChanges } from './account-changes.js';
import { hashSecret, newKey } from './api-key-format.js';
import { ApiKey, type KeyScope } from './api-key.schema.js';
import { AccountError } from './account-error.js';
import { User } from './user.schema.js';

export type ApiKeyDescription = Omit<ApiKey, '_id' | 'hash'> & { id: string };

type StoredKey = Pick<ApiKey, keyof ApiKey>;

export interface NewApiKey {
  /** The key itself: it cannot be had again. */
  key: string;
  description: ApiKeyDescription;
}

@Injectable()
export class ApiKeysService {
  constructor(
    @InjectModel(ApiKey.name) private readonly keys: Model<ApiKey>,
    @InjectModel(User.name) private readonly users: Model<User>,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
    private readonly heard: AccountChanges,
  ) {}

  /**
   * Makes a key for a user.
   * @throws AccountError where there is no such user
   */
  async create(
    email: string,
    { name, expires, scope }: { name: string | null; expires: Date | null; scope: KeyScope },
    actor: Actor,
  ): Promise<NewApiKey> {
    const owner = await this.users.findOne({ mila_email_username: email.toLowerCase() }).lean();
    if (owner === null) {
      throw new AccountError(`There is no user ${email}.`, {
        kind: 'missing',
        field: 'email',
        command: `Add one first: clockwork users add ${email}`,
      });
    }
    const key = newKey();
    const stored: StoredKey = {
      _id: key.id,
      hash: hashSecret(key.secret),
      email: owner.mila_email_username,
      name,
      ...(scope === 'all' ? {} : { scope }),
      created: new Date(),
      expires,
      last_used: null,
      revoked: null,
    };
    const after = { email: stored.email, name, scope, expires };
    await this.sessions.transaction(LONGEST_WRITE_MS, async (session) => {
      await this.keys.create([stored], session === undefined ? {} : { session });
      await this.audit.record({ actor, what: 'key.create', target: key.id, after }, session);
    });
    return { key: key.text, description: described(stored) };
  }

  /** Oldest first. `scope` is there in keys that are not for all that their owner may do. */
  async list(email?: string): Promise<ApiKeyDescription[]> {
    const filter = email === undefined ? {} : { email: email.toLowerCase() };
    return (await this.keys.find(filter).sort({ created: 1 }).lean()).map(described);
  }

  /**
   * Oldest first.
   * @param after the id of the last one of the page before
   * @throws AccountError where no key has that id
   */
  async page(email: string | undefined, after: string | undefined, limit: number): Promise<ApiKeyDescription[]> {
    const conditions: QueryFilter<ApiKey>[] = [];
    if (email !== undefined) conditions.push({ email: email.toLowerCase() });
    if (after !== undefined) {
      const last = await this.keys.findById(after).lean();
      if (last === null) throw new AccountError('is not the id of a key.', { kind: 'invalid', field: 'after' });
      conditions.push({ $or: [{ created: { $gt: last.created } }, { created: last.created, _id: { $gt: last._id } }] });
    }
    const filter = conditions.length === 0 ? {} : { $and: conditions };
    return (await this.keys.find(filter).sort({ created: 1, _id: 1 }).limit(limit).lean()).map(described);
  }

  /**
   * Revoking a key again changes nothing.
   * @throws AccountError where no key has that id
   */
  async revoke(id: string, actor: Actor): Promise<ApiKeyDescription> {
    const revoked = new Date();
    await this.sessions.transaction(LONGEST_WRITE_MS, async (session) => {
      const options = session === undefined ? {} : { session };
      const key = await this.keys.findOneAndUpdate({ _id: id, revoked: null }, { $set: { revoked } }, options).lean();
      if (key === null) return;
      const { email, name } = key;
      const before = { email, name, revoked: null };
      await this.audit.record(
        { actor, what: 'key.revoke', target: id, before, after: { ...before, revoked } },
        session,
      );
    });
    this.heard.changed();
    const key = await this.keys.findById(id).lean();
    if (key !== null) return described(key);
    throw new AccountError(`There is no key ${id}.`, {
      kind: 'missing',
      command: '"clockwork keys list" shows the ids.',
    });
  }
}

function described({ _id, email, name, scope, created, expires, last_used, revoked }: StoredKey): ApiKeyDescription {
  return {
    id: _id,
    email,
    name,
    ...(scope === undefined ? {} : { scope }),
    created,
    expires,
    last_used,
    revoked,
  };
}
