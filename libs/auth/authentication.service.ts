import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/common';
import { DatabaseCalls, isDatabaseOutage } from '#libs/database';
import { AccountChanges } from './account-changes.js';
import { type Credential, readAuthorization, secretMatches } from './api-key-format.js';
import { ApiKey } from './api-key.schema.js';
import type { Caller } from './caller.js';
import { type Account, KnownAccounts } from './known-accounts.js';
import { RememberedAdmins } from './remembered-admins.js';
import { User } from './user.schema.js';

/** A key's last use is written when the one on record is older than this. */
const LAST_USE_PRECISION_MS = 60_000;
/** What has to be open in an outage waits no longer for the database to tell. */
const OUTAGE_PATIENCE_MS = 700;
const UNTOLD = 'untold';

@Injectable()
export class AuthenticationService {
  private readonly known = new KnownAccounts();
  private readonly admins = new RememberedAdmins();

  constructor(
    @InjectModel(ApiKey.name) private readonly keys: Model<ApiKey>,
    @InjectModel(User.name) private readonly users: Model<User>,
    private readonly calls: DatabaseCalls,
    private readonly changes: AccountChanges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Who sent this header, or null. Every refusal takes the same steps (two look-ups, one comparison), whatever its
   * reason, so that the time it takes tells nothing. A key that was accepted is accepted again without asking the
   * database, as long as this process hears of every change of keys and users, and of none.
   * @param headers every `Authorization` header of the request
   */
  async authenticate(headers: readonly string[]): Promise<Caller | null> {
    const credential = credentialOf(headers);
    const known = this.known.get(credential.id, this.changes.version());
    if (known !== undefined && isValid(known, credential, new Date())) return this.accept(known);
    const version = this.changes.version();
    const account = await this.read(credential.id);
    if (!isValid(account, credential, new Date())) {
      // Whoever only knows a key's public part changes nothing.
      if (secretMatches(credential.secret, account.key?.hash)) this.admins.note(credential.id, null, performance.now());
      return null;
    }
    this.known.put(credential.id, account, version, this.changes.version());
    return this.accept(account);
  }

  /**
   * The same for what has to be open while the database does not answer: an administrator whose key this process has
   * accepted lately is then let in.
   */
  async authenticateInOutage(headers: readonly string[]): Promise<Caller | null> {
    const asked = this.authenticate(headers);
    const credential = credentialOf(headers);
    const admin = this.admins.get(credential.id, performance.now());
    if (admin === null || !isValid(admin, credential, new Date())) return asked;
    const answer = asked.catch((error: unknown): typeof UNTOLD => {
      if (!isDatabaseOutage(error)) throw error;
      return UNTOLD;
    });
    // Where it ends in an error later on, nobody waits for it any more.
    answer.catch(() => undefined);
    const told = await Promise.race([answer, delay<typeof UNTOLD>(OUTAGE_PATIENCE_MS, UNTOLD, { ref: false })]);
    return told === UNTOLD ? callerFrom(admin) : told;
  }

  private async read(keyId: string): Promise<Partial<Account>> {
    const key = await this.calls.run(() => this.keys.collection.findOne<ApiKey>({ _id: keyId as never }));
    const user = await this.calls.run(() =>
      this.users.collection.findOne<User>({ mila_email_username: key?.email ?? '' }),
    );
    return { ...(key === null ? {} : { key }), ...(user === null ? {} : { user }) };
  }

  private accept(account: Account): Caller {
    this.noteUse(account.key, new Date());
    this.admins.note(account.key._id, account, performance.now());
    return callerFrom(account);
  }

  /** Nobody waits for this: a use that could not be noted is noted with the next one. */
  private noteUse(key: ApiKey, now: Date): void {
    if (key.last_used !== null && now.getTime() - key.last_used.getTime() < LAST_USE_PRECISION_MS) return;
    key.last_used = now;
    this.keys.collection
      .updateOne({ _id: key._id as never }, { $max: { last_used: now } }, { writeConcern: { w: 1 } })
      .catch((error: unknown) => {
        this.logger.debug({ err: error }, 'the last use of a key could not be noted');
      });
  }
}

function credentialOf(headers: readonly string[]): Credential {
  return readAuthorization(headers.length === 1 ? headers[0] : undefined);
}

function callerFrom({ key, user }: Account): Caller {
  return {
    mila_email_username: user.mila_email_username,
    mila_cluster_username: user.mila_cluster_username,
    cc_account_username: user.cc_account_username,
    admin: user.admin,
    keyId: key._id,
    scope: key.scope ?? 'all',
    clusters: user.clusters,
  };
}

function isValid(account: Partial<Account>, credential: Credential, now: Date): account is Account {
  const { key, user } = account;
  const matches = secretMatches(credential.secret, key?.hash);
  return (
    matches &&
    key !== undefined &&
    user !== undefined &&
    key.revoked === null &&
    (key.expires === null || key.expires > now) &&
    user.status === 'enabled' &&
    (credential.email === null || credential.email === user.mila_email_username)
  );
}
