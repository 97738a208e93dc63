import { Injectable } from '@nestjs/common';
import { InjectConnection, InjectModel } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { COUNTERS, DUPLICATE_KEY } from '#libs/database';
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
  ) {}

  /** @throws AccountError where the user is there already, or a name is another user's */
  async add(email: string, changes: UserChanges): Promise<void> {
    const address = checkedEmail(email);
    checkNames(changes);
    if (await this.write(null, { ...NEW_USER, ...changes, mila_email_username: address })) return;
    throw new AccountError(`There is a user ${address} already. Change it with: clockwork users set ${address} …`);
  }

  /** @throws AccountError where there is no such user, or a name is another user's */
  async change(email: string, changes: UserChanges): Promise<void> {
    const address = email.toLowerCase();
    if ((await this.users.exists({ mila_email_username: address })) === null) {
      throw new AccountError(`There is no user ${address}. Add it with: clockwork users add ${address}`);
    }
    await this.save(address, changes);
  }

  /**
   * Adds a user, or changes what `changes` holds of one that is there.
   * @returns what was done
   */
  async save(email: string, changes: UserChanges): Promise<'added' | 'changed' | 'unchanged'> {
    const address = checkedEmail(email);
    checkNames(changes);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = await this.users.findOne({ mila_email_username: address }).lean();
      const known = before === null ? null : described(before);
      const after = described({ ...NEW_USER, ...known, ...changes, mila_email_username: address });
      if (JSON.stringify(known) === JSON.stringify(after)) return 'unchanged';
      if (await this.write(known, after)) return known === null ? 'added' : 'changed';
    }
    throw new Error(`the user ${address} keeps being changed by others`);
  }

  /**
   * Writes a user who is as they were read, or not there: what two commands change at once is changed by both.
   * @returns whether they still were
   * @throws AccountError where a name is another user's
   */
  private async write(before: UserRecord | null, after: UserRecord): Promise<boolean> {
    const refill = changedNames(before, after);
    try {
      if (before === null) {
        await this.users.create({ ...after, refill });
      } else {
        const { matchedCount } = await this.users.updateOne(
          before,
          { $set: after, $addToSet: { refill: { $each: refill } } },
          { runValidators: true },
        );
        if (matchedCount === 0) return false;
      }
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      const kind = takenKind(error);
      // Of somebody who is there with the same names, any of the three may be what the server refuses.
      if (before === null && (await this.users.exists({ mila_email_username: after.mila_email_username })))
        return false;
      throw new AccountError(`The ${kind} ${JSON.stringify(after[kind])} belongs to another user.`, kind);
    }
    await this.countChange();
    return true;
  }

  /** In the order of their addresses. */
  async list(): Promise<UserRecord[]> {
    return (await this.users.find().sort({ mila_email_username: 1 }).lean()).map(described);
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
    throw new AccountError(`${JSON.stringify(email)} is not an e-mail address.`, 'mila_email_username');
  }
  return normalName('mila_email_username', email);
}

function checkNames(changes: UserChanges): void {
  for (const kind of ['mila_cluster_username', 'cc_account_username'] as const) {
    const name = changes[kind];
    // A comma would part it in two in the `user` filter.
    if (typeof name === 'string' && !/^[^\s,\p{Cc}]{1,128}$/u.test(name)) {
      throw new AccountError(
        `${JSON.stringify(name)} cannot be a username: it is empty or has spaces or commas.`,
        kind,
      );
    }
  }
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
