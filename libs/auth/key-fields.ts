import type { IncomingMessage } from 'node:http';
import { badRequest } from '#libs/common';
import type { JsonValue } from '#libs/json';
import { KEY_SCOPES, type KeyScope } from './api-key.schema.js';
import { readJsonFields } from './json-fields.js';
import { keyExpiry, LAST_YEAR } from './key-expiry.js';

const LONGEST_NAME = 200;

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
  const end = typeof expires === 'string' ? keyExpiry(expires, now) : 'no duration';
  if (end === 'too long') {
    throw badRequest(`expires: would be after the year ${LAST_YEAR}. Leave it out for a key that is valid for ever.`);
  }
  if (end === 'no duration') {
    throw badRequest(
      'expires: must be a time from now as a number and a unit (s, m, h, d, w), such as "90d", or null.',
    );
  }
  return end;
}

function readScope(scope: JsonValue): KeyScope {
  const known = KEY_SCOPES.find((each) => each === scope);
  if (known === undefined) throw badRequest(`scope: must be one of ${KEY_SCOPES.join(', ')}.`);
  return known;
}
