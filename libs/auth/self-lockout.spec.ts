import type { Caller } from './caller.js';
import { refuseOwnKey, refuseSelfLockout } from './self-lockout.js';

const CALLER: Caller = {
  mila_email_username: 'root@example.org',
  mila_cluster_username: null,
  cc_account_username: null,
  admin: true,
  keyId: 'f71948de3496ee28',
  scope: 'all',
  clusters: null,
};

describe('refuseSelfLockout', () => {
  it.each([
    [{ admin: false }, /users set EMAIL --no-admin/],
    [{ status: 'disabled' as const }, /users disable EMAIL/],
  ])('refuses %j of oneself, in whatever case, and nobody else', (changes, command) => {
    expect(() => {
      refuseSelfLockout(CALLER, 'ROOT@example.org', changes);
    }).toThrow(command);
    expect(() => {
      refuseSelfLockout(CALLER, 'ada@example.org', changes);
    }).not.toThrow();
  });

  it('lets through what takes nothing away', () => {
    expect(() => {
      refuseSelfLockout(CALLER, CALLER.mila_email_username, { admin: true, status: 'enabled', clusters: [] });
    }).not.toThrow();
  });
});

describe('refuseOwnKey', () => {
  it('refuses the key that is being used, and no other', () => {
    expect(() => {
      refuseOwnKey(CALLER, CALLER.keyId);
    }).toThrow(/Make another one first/);
    expect(() => {
      refuseOwnKey(CALLER, 'beefbeefbeefbeef');
    }).not.toThrow();
  });
});
