import type { IncomingMessage } from 'node:http';
import { badRequest, type FieldError, isFieldError } from '#libs/common';
import type { JsonObject } from '#libs/json';
import { readJsonFields } from './json-fields.js';
import { userRecord } from './user-record.js';
import type { UserChanges } from './users.service.js';

const CHANGEABLE = ['mila_cluster_username', 'cc_account_username', 'admin', 'clusters'];
const MOST_CLUSTERS = 100;

/** @throws Problem 400 that names the field, 413 or 415 */
export async function readNewUser(request: IncomingMessage): Promise<{ email: string; changes: UserChanges }> {
  return checked(await readJsonFields(request, ['mila_email_username', ...CHANGEABLE]));
}

/** @throws Problem 400 that names the field, 413 or 415 */
export async function readUserChanges(request: IncomingMessage, email: string): Promise<UserChanges> {
  const fields = await readJsonFields(request, CHANGEABLE);
  if (fields.size === 0) throw badRequest(`body: is empty; it takes any of ${CHANGEABLE.join(', ')}.`);
  return checked(new Map([...fields, ['mila_email_username', email]])).changes;
}

function checked(fields: JsonObject): { email: string; changes: UserChanges } {
  if (fields.get('admin') === null) throw refusal({ field: 'admin', message: 'it must be true or false' });
  const record = userRecord(fields);
  if (isFieldError(record)) throw refusal(record);
  const { clusters } = record.changes;
  if (clusters?.some((name) => !/^[^\s,\p{Cc}]{1,128}$/u.test(name)) === true) {
    throw refusal({ field: 'clusters', message: 'a name of a cluster has no spaces or commas, and is not empty' });
  }
  if ((clusters?.length ?? 0) > MOST_CLUSTERS) {
    throw refusal({ field: 'clusters', message: `there may be at most ${MOST_CLUSTERS}; null is all` });
  }
  return record;
}

function refusal({ field, message }: FieldError): Error {
  return badRequest(`${field}: ${message}.`);
}
