import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key is `cw_ID_SECRET`: 16 hexadecimal digits, by which it is found, and 256 random bits in base64url. */
const KEY = /^cw_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** Stands for the parts of what is no key, so that refusing it takes the same steps. */
const NO_KEY: KeyParts = { id: 'none', secret: '' };
const NO_HASH = '0'.repeat(64);

export interface KeyParts {
  id: string;
  secret: string;
}

export interface Credential extends KeyParts {
  /** With Basic: the address that must be the key's owner's. */
  email: string | null;
}

/** Whether what was sent has not even the form of a key. */
export function isNoKey({ id }: KeyParts): boolean {
  return id === NO_KEY.id;
}

export function newKey(): KeyParts & { text: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, text: `cw_${id}_${secret}` };
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in constant time; without a stored hash it takes as long, and fails. */
export function hashMatches(hash: string, storedHash: string | undefined): boolean {
  const equal = timingSafeEqual(Buffer.from(hash), Buffer.from(storedHash ?? NO_HASH));
  return equal && storedHash !== undefined;
}

/**
 * Reads an `Authorization` header: `Bearer KEY` (RFC 6750) or `Basic base64(EMAIL:KEY)` (RFC 7617). Whatever else it
 * holds gives parts that match no key.
 */
export function readAuthorization(header: string | undefined): Credential {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([A-Za-z0-9._~+/=-]+) *$/.exec(header ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { ...keyParts(value), email: null };
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      return { ...keyParts(text.slice(colon + 1)), email: colon < 0 ? '' : text.slice(0, colon).toLowerCase() };
    }
    default:
      return { ...NO_KEY, email: null };
  }
}

function keyParts(text: string): KeyParts {
  const match = KEY.exec(text);
  return match === null ? NO_KEY : { id: match[1] ?? '', secret: match[2] ?? '' };
}
