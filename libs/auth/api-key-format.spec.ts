import fc from '../../test/support/seeded-fast-check.js';
import { hashMatches, hashSecret, newKey, readAuthorization } from './api-key-format.js';

const ID = '0123456789abcdef';
const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL-_012';
const KEY = `cw_${ID}_${SECRET}`;
const NO_KEY = { id: 'none', secret: '' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('newKey', () => {
  it('makes keys that are read back, each another', () => {
    const keys = Array.from({ length: 200 }, newKey);
    for (const { id, secret, text } of keys) {
      expect(text).toMatch(/^cw_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
      expect(readAuthorization(`Bearer ${text}`)).toEqual({ id, secret, email: null });
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    }
    expect(new Set(keys.map(({ id }) => id)).size).toBe(200);
    expect(new Set(keys.map(({ secret }) => secret)).size).toBe(200);
  });
});

describe('hashMatches', () => {
  it('holds for the secret that was hashed alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (secret, other) => {
        expect(hashMatches(hashSecret(secret), hashSecret(secret))).toBe(true);
        expect(hashMatches(hashSecret(other), hashSecret(secret))).toBe(other === secret);
        expect(hashMatches(hashSecret(secret), undefined)).toBe(false);
      }),
    );
  });

  it('keeps of a secret its SHA-256 alone', () => {
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('readAuthorization', () => {
  it.each([`Bearer ${KEY}`, `bearer ${KEY}`, `BEARER   ${KEY}`, `Bearer ${KEY}  `])('reads %j', (header) => {
    expect(readAuthorization(header)).toEqual({ id: ID, secret: SECRET, email: null });
  });

  it.each([basic(`ada@example.org:${KEY}`), basic(`Ada@Example.ORG:${KEY}`).replace('Basic', 'bAsIc')])(
    'reads %j, the address in lower case',
    (header) => {
      expect(readAuthorization(header)).toEqual({ id: ID, secret: SECRET, email: 'ada@example.org' });
    },
  );

  it('of Basic takes all before the first colon as the address, which must be there', () => {
    expect(readAuthorization(basic(`:${KEY}`))).toEqual({ id: ID, secret: SECRET, email: '' });
    expect(readAuthorization(basic(KEY)).email).toBe('');
    expect(readAuthorization(basic(`a:b:${KEY}`))).toEqual({ ...NO_KEY, email: 'a' });
  });

  it.each([
    undefined,
    '',
    ' ',
    'Bearer',
    'Bearer ',
    KEY,
    `Bearer${KEY}`,
    ` Bearer ${KEY}`,
    `Bearer\t${KEY}`,
    `Bearer ${KEY} x`,
    `Bearer ${KEY},${KEY}`,
    `Bearer "${KEY}"`,
    `Bearer ${KEY}=`,
    `Bearer ${KEY.slice(0, -1)}`,
    `Bearer ${KEY}a`,
    `Bearer ${KEY.toUpperCase()}`,
    `Bearer xx${KEY}`,
    `Bearer cw_${ID}`,
    `Bearer cw__${SECRET}`,
    `Bearer cw_${ID.replace('a', 'g')}_${SECRET}`,
    `Bearer ${SECRET}`,
    `Token ${KEY}`,
    `Digest ${KEY}`,
    `BearerBearer ${KEY}`,
    basic(''),
    basic('ada@example.org'),
    basic('ada@example.org:'),
    basic(`ada@example.org:${KEY} `),
    basic(`ada@example.org:${KEY}\n`),
    `Basic ${KEY}`,
    `Basic ada@example.org:${KEY}`,
    `Basic ====`,
  ])('finds no key in %j', (header) => {
    expect(readAuthorization(header)).toMatchObject(NO_KEY);
  });

  it('never throws, and never finds a key that is not in the header', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom('Bearer ', 'Basic ', 'basic  '), fc.string()).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }).map(basic),
    );
    fc.assert(
      fc.property(header, (text) => {
        expect(readAuthorization(text)).toMatchObject(NO_KEY);
      }),
    );
  });

  it('reads a header of a megabyte in no time', () => {
    const before = performance.now();
    for (const text of [' ', 'A', 'Basic ', '=', `Bearer ${' '.repeat(1000)}`]) {
      readAuthorization(text.repeat(1_000_000 / text.length));
      readAuthorization(`Bearer ${text.repeat(1_000_000 / text.length)}\n`);
    }
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
