import { conflict } from '#libs/common';
import type { Caller } from './caller.js';
import type { UserChanges } from './users.service.js';

/**
 * Refuses what would take from the caller the right to undo it: so whoever changes administrators by these routes is one
 * afterwards.
 * @throws Problem 409
 */
export function refuseSelfLockout(caller: Caller, email: string, { admin, status }: UserChanges): void {
  if (email.toLowerCase() !== caller.mila_email_username) return;
  if (admin === false) throw lockout('You cannot take from yourself the right to administer', '--no-admin');
  if (status === 'disabled') throw lockout('You cannot disable yourself', null);
}

/** @throws Problem 409 */
export function refuseOwnKey(caller: Caller, id: string): void {
  if (id !== caller.keyId) return;
  throw conflict('This is the key that you are asking with. Make another one first, and revoke this one with that.');
}

function lockout(what: string, option: string | null): Error {
  const command = option === null ? 'users disable EMAIL' : `users set EMAIL ${option}`;
  return conflict(`${what}: let another administrator do it, or use "clockwork ${command}" on the server.`);
}
