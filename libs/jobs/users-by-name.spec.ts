import fc from '../../test/support/seeded-fast-check.js';
import { completeNames, NAME_KINDS, type UserNames } from '#libs/auth';
import { UsersByName } from './users-by-name.js';

const anyNames: fc.Arbitrary<UserNames> = fc.record({
  cc_account_username: fc.constantFrom(null, 'a', 'b'),
  mila_cluster_username: fc.constantFrom(null, 'a', 'b'),
  mila_email_username: fc.constantFrom(null, 'a', 'b'),
});
/** No two have a name of one kind. */
const anyUsers = fc.array(anyNames, { maxLength: 4 }).filter((users) =>
  NAME_KINDS.every((kind) => {
    const names = users.flatMap((user) => user[kind] ?? []);
    return new Set(names).size === names.length;
  }),
);

describe('UsersByName', () => {
  it('fills in what looking at all users would', () => {
    fc.assert(
      fc.property(anyNames, anyUsers, (given, users) => {
        expect(new UsersByName(users).complete(given)).toEqual(completeNames(given, users));
      }),
      { numRuns: 2000 },
    );
  });
});
