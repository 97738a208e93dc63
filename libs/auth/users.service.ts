import { Injectable } from '@nestjs/common';
import { InjectConnection, InjectModel } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { type Actor, type AuditAction, type AuditedFields, AuditLog, type AuditRecord } from '#libs/audit';
import { COUNTERS, DUPLICATE_KEY, LONGEST_WRITE_MS, Sessions } from '#libs/database';
import { AccountChanges } from './account-changes.js';
import { AccountError } from './account-error.js';
import { NAME_KINDS, normalName, type NameKind, type UserNames } from './user-names.js';
import { User } from './user.schema.js';

/** A user as `import` takes and `export` gives one. */
export type UserRecord = Omit<User, 'refill'>;
export type UserChanges = Partial<Omit<UserRecord, 'mila_email_username'>>;
export interface NameOfKind {
  kind: NameKind;
  name: string;
}

/** How often a user whom others change at the same time is read again. */
const MOST_TRIES = 20;
/** RFC 5321, section 4.5.3.1. */
const LONGEST_ADDRESS = 254;

@Injectable()
export class UsersService {
  constructor(
    @InjectModel(User.name) private readonly users: Model<User>,
    @InjectConnection() private readonly connection: Connection,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
    private readonly heard: AccountChanges,
  ) {}

  /** @throws AccountError where the user is there already, or a name is another user's */
  async add(email: string, changes: UserChanges, actor: Actor): Promise<UserRecord> {
    const address = checkedEmail(email);
    checkNames(changes);
    const added = described({ ...NEW_USER, ...changes, mila_email_username: address });
    if (await this.write(null, added, actor)) return added;
    throw new AccountError(`There is a user ${address} already.`, {
      kind: 'taken',
      command: `Change it with: clockwork users set ${address} …`,
    });
  }

  /** @throws AccountError where there is no such user, or a name is another user's */
  async change(email: string, changes: UserChanges, actor: Actor): Promise<UserRecord> {
    const { mila_email_username } = await this.one(email);
    return (await this.save(mila_email_username, changes, actor)).user;
  }

  /** @throws AccountError where there is no such user */
  async one(email: string): Promise<UserRecord> {
    const address = email.toLowerCase();
    const user = await this.users.findOne({ mila_email_username: address }).lean();
    if (user !== null) return described(user);
    throw new AccountError(`There is no user ${address}.`, {
      kind: 'missing',
      command: `Add it with: clockwork users add ${address}`,
    });
  }

  /**
   * Adds a user, or changes what `changes` holds of one that is there.
   * @returns what was done, and the user as they are now
   */
  async save(
    email: string,
    changes: UserChanges,
    actor: Actor,
  ): Promise<{ outcome: 'added' | 'changed' | 'unchanged'; user: UserRecord }> {
    const address = checkedEmail(email);
    checkNames(changes);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = await this.users.findOne({ mila_email_username: address }).lean();
      const known = before === null ? null : described(before);
      const after = described({ ...NEW_USER, ...known, ...changes, mila_email_username: address });
      if (JSON.stringify(known) === JSON.stringify(after)) return { outcome: 'unchanged', user: after };
      if (await this.write(known, after, actor)) return { outcome: known === null ? 'added' : 'changed', user: after };
    }
    throw new Error(`the user ${address} keeps being changed by others`);
  }

  /**
   * Writes a user who is as they were read, or not there: what two commands change at once is changed by both.
   * @returns whether they still were
   * @throws AccountError where a name is another user's
   */
  private async write(before: UserRecord | null, after: UserRecord, actor: Actor): Promise<boolean> {
    const refill = changedNames(before, after);
    const entry = auditRecord(before, after, actor);
    try {
      const written = await this.sessions.transaction(LONGEST_WRITE_MS, async (session) => {
        const options = session === undefined ? {} : { session };
        if (before === null) {
          await this.users.create([{ ...after, refill }], options);
        } else {
          const { matchedCount } = await this.users.updateOne(
            before,
            { $set: after, $addToSet: { refill: { $each: refill } } },
            { runValidators: true, ...options },
          );
          if (matchedCount === 0) return false;
        }
        await this.audit.record(entry, session);
        return true;
      });
      if (!written) return false;
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      const kind = takenKind(error);
      // Of somebody who is there with the same names, any of the three may be what the server refuses.
      if (before === null && (await this.users.exists({ mila_email_username: after.mila_email_username })))
        return false;
      throw new AccountError(`The ${kind} ${JSON.stringify(after[kind])} belongs to another user.`, {
        kind: 'taken',
        field: kind,
      });
    }
    this.heard.changed();
    await this.countChange();
    return true;
  }

  /** In the order of their addresses. */
  async list(): Promise<UserRecord[]> {
    return (await this.users.find().sort({ mila_email_username: 1 }).lean()).map(described);
  }

  /** @param after the address of the last one of the page before */
  async page(after: string | undefined, limit: number): Promise<UserRecord[]> {
    const filter = after === undefined ? {} : { mila_email_username: { $gt: after.toLowerCase() } };
    return (await this.users.find(filter).sort({ mila_email_username: 1 }).limit(limit).lean()).map(described);
  }

  /** Whether anybody is left who may administer. */
  async hasAdministrator(): Promise<boolean> {
    return (await this.users.exists({ admin: true, status: 'enabled' })) !== null;
  }

  /** The users that have any of these names. */
  async withNames(names: readonly UserNames[]): Promise<UserNames[]> {
    const conditions = NAME_KINDS.map((kind) => ({
      [kind]: { $in: [...new Set(names.flatMap((each) => each[kind] ?? []))] },
    }));
    return this.users.find({ $or: conditions }).lean();
  }

  /** Changes whenever a user does: what was worked out from the table is outdated when it has changed since. */
  async version(): Promise<number> {
    const counter = await this.counters.findOne({ _id: 'users' });
    return counter?.value ?? 0;
  }

  /** Names whose jobs may have to be filled in anew. */
  async pendingRefills(): Promise<NameOfKind[]> {
    const users = await this.users.find({ 'refill.name': { $exists: true } }).lean();
    return users.flatMap((user) => user.refill.map(({ kind, name }) => ({ kind, name })));
  }

  async refillDone(done: NameOfKind): Promise<void> {
    await this.users.updateMany({ 'refill.name': done.name }, { $pull: { refill: done } });
  }

  private async countChange(): Promise<void> {
    await this.counters.updateOne({ _id: 'users' }, { $inc: { value: 1 } }, { upsert: true });
  }

  private get counters() {
    return this.connection.collection<{ _id: string; value: number }>(COUNTERS);
  }
}

const NEW_USER: Omit<UserRecord, 'mila_email_username'> = {
  mila_cluster_username: null,
  cc_account_username: null,
  status: 'enabled',
  admin: false,
  clusters: null,
};

function described(user: UserRecord): UserRecord {
  const { mila_email_username, mila_cluster_username, cc_account_username, status, admin, clusters } = user;
  return { mila_email_username, mila_cluster_username, cc_account_username, status, admin, clusters };
}

function checkedEmail(email: string): string {
  if (!/^[^\s@,\p{Cc}]+@[^\s@,\p{Cc}]+$/u.test(email) || email.length > LONGEST_ADDRESS) {
    throw new AccountError(`${JSON.stringify(email)} is not an e-mail address.`, {
      kind: 'invalid',
      field: 'mila_email_username',
    });
  }
  return normalName('mila_email_username', email);
}

function checkNames(changes: UserChanges): void {
  for (const kind of ['mila_cluster_username', 'cc_account_username'] as const) {
    const name = changes[kind];
    // A comma would part it in two in the `user` filter.
    if (typeof name === 'string' && !/^[^\s,\p{Cc}]{1,128}$/u.test(name)) {
      throw new AccountError(`${JSON.stringify(name)} cannot be a username: it is empty or has spaces or commas.`, {
        kind: 'invalid',
        field: kind,
      });
    }
  }
}

/** What is told of a change: the fields that differ, and of a new user all. */
function auditRecord(before: UserRecord | null, after: UserRecord, actor: Actor): AuditRecord {
  const differs = (field: keyof UserRecord) => JSON.stringify(before?.[field]) !== JSON.stringify(after[field]);
  const fields = (Object.keys(after) as (keyof UserRecord)[]).filter(differs);
  const of = (user: UserRecord): AuditedFields => Object.fromEntries(fields.map((field) => [field, user[field]]));
  return {
    actor,
    what: auditAction(before, after),
    target: after.mila_email_username,
    before: before === null ? null : of(before),
    after: of(after),
  };
}

/** Whoever looks for the day on which somebody was disabled finds it, whatever else was changed with it. */
function auditAction(before: UserRecord | null, after: UserRecord): AuditAction {
  if (before === null) return 'user.add';
  if (before.status === after.status) return 'user.change';
  return after.status === 'disabled' ? 'user.disable' : 'user.enable';
}

/** The names of both states: the jobs of an old name may lose what was filled in, those of a new one may gain. */
function changedNames(before: UserRecord | null, after: UserRecord): NameOfKind[] {
  if (before !== null && NAME_KINDS.every((kind) => before[kind] === after[kind])) return [];
  const names = new Map<string, NameOfKind>();
  for (const kind of NAME_KINDS) {
    for (const name of [before?.[kind], after[kind]]) {
      if (typeof name === 'string') names.set(`${kind} ${name}`, { kind, name });
    }
  }
  return [...names.values()];
}

function takenKind(error: MongoServerError): NameKind {
  const pattern = error['keyPattern'] as Record<string, unknown> | undefined;
  return NAME_KINDS.find((candidate) => pattern !== undefined && candidate in pattern) ?? 'mila_email_username';
}
