import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/common';
import { DatabaseCalls } from '#libs/database';
import type { LookUpTurns } from '#libs/limits';
import { AccountChanges } from './account-changes.js';
import { type Credential, hashMatches, hashSecret, isNoKey, readAuthorization } from './api-key-format.js';
import { ApiKey } from './api-key.schema.js';
import type { Caller } from './caller.js';
import { type Account, KnownAccounts } from './known-accounts.js';
import { User } from './user.schema.js';

/** A key's last use is written when the one on record is older than this. */
const LAST_USE_PRECISION_MS = 60_000;

/** With the hash of its secret, which is all that anything is compared with. */
type HashedCredential = Credential & { hash: string };

@Injectable()
export class AuthenticationService {
  private readonly known = new KnownAccounts();

  constructor(
    @InjectModel(ApiKey.name) private readonly keys: Model<ApiKey>,
    @InjectModel(User.name) private readonly users: Model<User>,
    private readonly calls: DatabaseCalls,
    private readonly changes: AccountChanges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Who sent this header, or null. Every refusal takes the same steps (two comparisons, two look-ups), whatever its
   * reason, so that the time it takes tells nothing. A key that was accepted is accepted again without asking the
   * database, as long as this process hears of every change of keys and users, and of none.
   * @param headers every `Authorization` header of the request
   * @param turns for an address that has sent too many wrong keys: what is looked up waits its turn, and what cannot be a key
   *   is not looked up
   */
  async authenticate(headers: readonly string[], turns: LookUpTurns | null): Promise<Caller | null> {
    const sent = readAuthorization(headers.length === 1 ? headers[0] : undefined);
    const credential = { ...sent, hash: hashSecret(sent.secret) };
    const known = this.known.get(credential.id, this.changes.version());
    // Compared with nothing where it is not known: whether a key is in use must not show either.
    if (isValid(known ?? {}, credential, new Date()) && known !== undefined) return this.accept(known);
    const version = this.changes.version();
    if (turns !== null && isNoKey(credential)) return null;
    const lookUp = () => this.read(credential);
    const account = await (turns === null ? lookUp() : turns.run(lookUp));
    if (account === null || !isValid(account, credential, new Date())) return null;
    this.known.put(credential.id, account, version, this.changes.version());
    return this.accept(account);
  }

  /**
   * Looked up by the hash of the secret, a wrong secret is as little there as an unknown id: found by its id and then refused, a key
   * took 40 µs longer (measured), which told that it exists. Whoever learned a hash from how long it is searched for would not have
   * the secret.
   */
  private async read({ hash }: HashedCredential): Promise<Partial<Account>> {
    const key = await this.calls.run(() => this.keys.collection.findOne<ApiKey>({ hash }));
    const user = await this.calls.run(() =>
      this.users.collection.findOne<User>({ mila_email_username: key?.email ?? '' }),
    );
    return { ...(key === null ? {} : { key }), ...(user === null ? {} : { user }) };
  }

  private accept({ key, user }: Account): Caller {
    this.noteUse(key, new Date());
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

function isValid(account: Partial<Account>, credential: HashedCredential, now: Date): account is Account {
  const { key, user } = account;
  const matches = hashMatches(credential.hash, key?.hash);
  return (
    matches &&
    key?._id === credential.id &&
    user !== undefined &&
    key.revoked === null &&
    (key.expires === null || key.expires > now) &&
    user.status === 'enabled' &&
    (credential.email === null || credential.email === user.mila_email_username)
  );
}
