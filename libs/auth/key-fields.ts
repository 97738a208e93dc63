import type { IncomingMessage } from 'node:http';
import { badRequest, durationMs } from '#libs/common';
import type { JsonValue } from '#libs/json';
import { KEY_SCOPES, type KeyScope } from './api-key.schema.js';
import { readJsonFields } from './json-fields.js';

const LONGEST_NAME = 200;
/** A later one is no date-time of RFC 3339, which has four digits for it. */
const LAST_YEAR = 9_999;

interface KeyFields {
  email: string;
  name: string | null;
  expires: Date | null;
  scope: KeyScope;
}

/** @throws Problem 400 that names the field, 413 or 415 */
export async function readNewKey(request: IncomingMessage, now: Date): Promise<KeyFields> {
  const fields = await readJsonFields(request, ['email', 'name', 'expires', 'scope']);
  const email = fields.get('email');
  if (typeof email !== 'string') throw badRequest("email: is needed: the address of the key's owner.");
  return {
    email,
    name: readName(fields.get('name') ?? null),
    expires: readExpiry(fields.get('expires') ?? null, now),
    scope: readScope(fields.has('scope') ? (fields.get('scope') ?? null) : 'all'),
  };
}

function readName(name: JsonValue): string | null {
  if (name === null || (typeof name === 'string' && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name))) return name;
  throw badRequest(`name: must be a text of at most ${LONGEST_NAME} characters, without line breaks, or null.`);
}

function readExpiry(expires: JsonValue, now: Date): Date | null {
  if (expires === null) return null;
  const ms = typeof expires === 'string' ? durationMs(expires) : null;
  if (ms !== null && ms > 0) {
    const end = new Date(now.getTime() + ms);
    if (end.getUTCFullYear() <= LAST_YEAR) return end;
    throw badRequest(`expires: would be after the year ${LAST_YEAR}. Leave it out for a key that is valid for ever.`);
  }
  throw badRequest('expires: must be a time from now as a number and a unit (s, m, h, d, w), such as "90d", or null.');
}

function readScope(scope: JsonValue): KeyScope {
  const known = KEY_SCOPES.find((each) => each === scope);
  if (known === undefined) throw badRequest(`scope: must be one of ${KEY_SCOPES.join(', ')}.`);
  return known;
}
