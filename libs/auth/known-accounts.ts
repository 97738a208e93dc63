import type { ApiKey } from './api-key.schema.js';
import type { User } from './user.schema.js';

export interface Account {
  key: ApiKey;
  user: User;
}

/** More keys than a lab has in use at a time. */
const MOST_KEPT = 2_000;

/** Keys with their owners as they were last read, while nothing about any of them has changed. */
export class KnownAccounts {
  private readonly accounts = new Map<string, Account>();
  private version: number | null = null;

  /** @param version of the accounts now; null where it is not known, and nothing is held to be known */
  get(keyId: string, version: number | null): Account | undefined {
    this.forget(version);
    return this.accounts.get(keyId);
  }

  /** @param version of the accounts before they were read */
  put(keyId: string, account: Account, version: number | null, now: number | null): void {
    this.forget(now);
    if (version === null || version !== now) return;
    const [oldest] = this.accounts.keys();
    if (this.accounts.size >= MOST_KEPT && oldest !== undefined) this.accounts.delete(oldest);
    this.accounts.set(keyId, account);
  }

  private forget(version: number | null): void {
    if (version === this.version) return;
    this.accounts.clear();
    this.version = version;
  }
}
