import { type FieldError, fieldError } from '#libs/common';
import type { JsonObject } from '#libs/json';
import type { UserChanges } from './users.service.js';

/**
 * Checks one user of an import. What is left out stays as it is for a user who is there; `null` takes a name back.
 * @returns the address and what it says of the user, or what is wrong with which field
 */
export function userRecord(record: JsonObject): { email: string; changes: UserChanges } | FieldError {
  const email = record.get('mila_email_username');
  if (typeof email !== 'string') return fieldError('mila_email_username', 'it must be an e-mail address');
  const changes: UserChanges = {};
  for (const kind of ['mila_cluster_username', 'cc_account_username'] as const) {
    const name = record.get(kind);
    if (name === undefined) continue;
    if (name !== null && typeof name !== 'string') return fieldError(kind, 'it must be a text or null');
    changes[kind] = name;
  }
  const status = record.get('status') ?? undefined;
  if (status !== undefined) {
    if (status !== 'enabled' && status !== 'disabled')
      return fieldError('status', 'it must be "enabled" or "disabled"');
    changes.status = status;
  }
  const admin = record.get('admin') ?? undefined;
  if (admin !== undefined) {
    if (typeof admin !== 'boolean') return fieldError('admin', 'it must be true or false');
    changes.admin = admin;
  }
  const clusters = record.get('clusters');
  if (clusters !== undefined) {
    if (clusters !== null && !(Array.isArray(clusters) && clusters.every((name) => typeof name === 'string'))) {
      return fieldError('clusters', 'it must be a list of cluster names, or null for all');
    }
    changes.clusters = clusters;
  }
  return { email, changes };
}
