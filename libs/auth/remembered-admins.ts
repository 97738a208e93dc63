import type { Account } from './known-accounts.js';

/** As long as such a key may open what is for outages, after it was last seen to be valid. */
const MOST_AGE_MS = 60 * 60_000;
const MOST_KEPT = 100;

/** The keys of administrators, and those for metrics, that were accepted lately: without a database nobody can say any more that they still hold. */
export class RememberedAdmins {
  private readonly accounts = new Map<string, { account: Account; at: number }>();

  /** A key was found valid, or not. @param now by `performance.now()` */
  note(keyId: string, account: Account | null, now: number): void {
    this.accounts.delete(keyId);
    if (account === null || !isForOutages(account)) return;
    const [oldest] = this.accounts.keys();
    if (this.accounts.size >= MOST_KEPT && oldest !== undefined) this.accounts.delete(oldest);
    this.accounts.set(keyId, { account, at: now });
  }

  get(keyId: string, now: number): Account | null {
    const found = this.accounts.get(keyId);
    return found === undefined || now - found.at > MOST_AGE_MS ? null : found.account;
  }
}

/** What a key for metrics may see is for outages, and nothing else is open to it. */
function isForOutages({ key, user }: Account): boolean {
  return user.admin || key.scope === 'metrics';
}
