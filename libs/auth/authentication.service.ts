import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/common';
import { DatabaseCalls } from '#libs/database';
import { readAuthorization, secretMatches } from './api-key-format.js';
import { ApiKey } from './api-key.schema.js';
import type { Caller } from './caller.js';
import { User } from './user.schema.js';

/** A key's last use is written when the one on record is older than this. */
const LAST_USE_PRECISION_MS = 60_000;

@Injectable()
export class AuthenticationService {
  constructor(
    @InjectModel(ApiKey.name) private readonly keys: Model<ApiKey>,
    @InjectModel(User.name) private readonly users: Model<User>,
    private readonly calls: DatabaseCalls,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Who sent this header, or null. Every refusal takes the same steps (two look-ups, one comparison), whatever its
   * reason, so that the time it takes tells nothing.
   * @param headers every `Authorization` header of the request
   */
  async authenticate(headers: readonly string[]): Promise<Caller | null> {
    const credential = readAuthorization(headers.length === 1 ? headers[0] : undefined);
    const key = await this.calls.run(() => this.keys.collection.findOne<ApiKey>({ _id: credential.id as never }));
    const user = await this.calls.run(() =>
      this.users.collection.findOne<User>({ mila_email_username: key?.email ?? '' }),
    );
    const matches = secretMatches(credential.secret, key?.hash);
    const now = new Date();
    const valid =
      matches &&
      key !== null &&
      user !== null &&
      key.revoked === null &&
      (key.expires === null || key.expires > now) &&
      user.status === 'enabled' &&
      (credential.email === null || credential.email === user.mila_email_username);
    if (!valid) return null;
    this.noteUse(key, now);
    return {
      mila_email_username: user.mila_email_username,
      mila_cluster_username: user.mila_cluster_username,
      cc_account_username: user.cc_account_username,
      admin: user.admin,
      clusters: user.clusters,
    };
  }

  /** Nobody waits for this: a use that could not be noted is noted with the next one. */
  private noteUse(key: ApiKey, now: Date): void {
    if (key.last_used !== null && now.getTime() - key.last_used.getTime() < LAST_USE_PRECISION_MS) return;
    this.keys.collection
      .updateOne({ _id: key._id as never }, { $max: { last_used: now } }, { writeConcern: { w: 1 } })
      .catch((error: unknown) => {
        this.logger.debug({ err: error }, 'the last use of a key could not be noted');
      });
  }
}
