import { strict as assert } from 'node:assert';
import { readAuthorization } from '../../../libs/auth/api-key-format.js';
import type { FuzzTarget } from '../target.ts';

const KEY = `cw_0123456789abcdef_${'Ab-_'.repeat(10)}xyz`;
const KEY_FORM = /^cw_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/;

/** Whatever an Authorization header holds gives the parts of a key, as they stand in it, or those of none. */
export const target: FuzzTarget = {
  seeds: () =>
    [
      '',
      `Bearer ${KEY}`,
      `Basic ${Buffer.from(`ada@example.org:${KEY}`).toString('base64')}`,
      `bearer   ${KEY} `,
      'Digest username="ada"',
    ].map((text) => Buffer.from(text, 'latin1')),
  words: ['Bearer ', 'Basic ', 'cw_', KEY, 'Og==', '     '],
  run: (input) => {
    const header = Buffer.from(input).toString('latin1');
    const { id, secret, email } = readAuthorization(header);
    if (secret === '') {
      assert.equal(id, 'none');
      return;
    }
    const key = `cw_${id}_${secret}`;
    assert.match(key, KEY_FORM);
    if (email === null) {
      assert.ok(header.includes(key), 'a key that was not sent');
    } else {
      const [, sent = ''] = /^basic +(\S+) *$/i.exec(header) ?? [];
      assert.ok(Buffer.from(sent, 'base64').toString().endsWith(key), 'a key that was not sent');
      assert.equal(email, email.toLowerCase());
    }
  },
};
