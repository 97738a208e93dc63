import type { Account } from './known-accounts.js';
import { RememberedAdmins } from './remembered-admins.js';

const account = (admin: boolean): Account => ({ key: {}, user: { admin } }) as unknown as Account;
const HOUR = 3_600_000;

describe('RememberedAdmins', () => {
  it('knows an administrator for an hour after the last time', () => {
    const admins = new RememberedAdmins();
    const ada = account(true);
    admins.note('k1', ada, 0);
    expect(admins.get('k1', HOUR)).toBe(ada);
    expect(admins.get('k1', HOUR + 1)).toBeNull();
    admins.note('k1', ada, HOUR);
    expect(admins.get('k1', 2 * HOUR)).toBe(ada);
  });

  it('knows nobody else, and forgets who was refused or is none any more', () => {
    const admins = new RememberedAdmins();
    admins.note('k1', account(false), 0);
    expect(admins.get('k1', 0)).toBeNull();
    for (const later of [null, account(false)]) {
      admins.note('k2', account(true), 0);
      admins.note('k2', later, 1);
      expect(admins.get('k2', 2)).toBeNull();
    }
  });

  it('keeps a hundred, the latest', () => {
    const admins = new RememberedAdmins();
    for (let number = 0; number <= 100; number += 1) admins.note(`k${number}`, account(true), 0);
    expect(admins.get('k0', 0)).toBeNull();
    expect(admins.get('k1', 0)).not.toBeNull();
  });
});
