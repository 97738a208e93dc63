import fc from '../../test/support/seeded-fast-check.js';
import { ApiKey } from './api-key.schema.js';
import { type Account, KnownAccounts } from './known-accounts.js';
import { User } from './user.schema.js';

function account(id: string): Account {
  const key = Object.assign(new ApiKey(), { _id: id, email: 'ada@example.org', revoked: null });
  return { key, user: Object.assign(new User(), { mila_email_username: 'ada@example.org', status: 'enabled' }) };
}

describe('KnownAccounts', () => {
  it('gives what was put under the version that still is', () => {
    const known = new KnownAccounts();
    const [a, b] = [account('a'), account('b')];
    known.put('a', a, 1, 1);
    known.put('b', b, 1, 1);
    expect(known.get('a', 1)).toBe(a);
    expect(known.get('b', 1)).toBe(b);
    expect(known.get('c', 1)).toBeUndefined();
  });

  it.each<[string, number | null, number | null]>([
    ['while changes are not heard of', null, null],
    ['of which changes were not heard of when it was read', null, 1],
    ['of which changes are no longer heard of', 1, null],
    ['that was read before a change', 1, 2],
  ])('keeps nothing %s', (_, version, now) => {
    const known = new KnownAccounts();
    known.put('a', account('a'), version, now);
    for (const asked of [now, version, 2, 1, null]) expect(known.get('a', asked)).toBeUndefined();
  });

  it('keeps nothing over a change, not even where the version seems to come back', () => {
    for (const change of [2, null]) {
      const known = new KnownAccounts();
      known.put('a', account('a'), 1, 1);
      expect(known.get('a', change)).toBeUndefined();
      expect(known.get('a', 1)).toBeUndefined();
    }
  });

  it('never gives what was read before the last change that it was told of', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const version = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, fc.constant(null));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('get' as const), id, now: version }),
      fc.record({ kind: fc.constant('put' as const), id, version, now: version }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const known = new KnownAccounts();
        /** What holds, by the key's id, and under which version. */
        let valid = new Map<string, Account>();
        let last: number | null = null;
        for (const each of steps) {
          if (each.now !== last) valid = new Map();
          last = each.now;
          if (each.kind === 'get') {
            expect(known.get(each.id, each.now)).toBe(valid.get(each.id));
          } else {
            const read = account(each.id);
            known.put(each.id, read, each.version, each.now);
            if (each.version !== null && each.version === each.now) valid.set(each.id, read);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the last 2 000', () => {
    const known = new KnownAccounts();
    for (let number = 0; number < 2_001; number += 1) known.put(`key ${number}`, account(`key ${number}`), 1, 1);
    expect(known.get('key 0', 1)).toBeUndefined();
    for (const number of [1, 2, 1_999, 2_000]) expect(known.get(`key ${number}`, 1)?.key._id).toBe(`key ${number}`);
  });
});
