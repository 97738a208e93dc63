import fc from '../../test/support/seeded-fast-check.js';
import { completeNames, NAME_KINDS, NO_NAMES, normalName, ownsJob, type UserNames } from './user-names.js';

const [CC, MILA, EMAIL] = NAME_KINDS;
const names = (given: Partial<UserNames>): UserNames => ({ ...NO_NAMES, ...given });
const ada = names({ [CC]: 'ada01', [MILA]: 'ada', [EMAIL]: 'ada@example.org' });
const bob = names({ [MILA]: 'bob', [EMAIL]: 'bob@example.org' });

/** Few names, so that jobs and users share some; also the same text in several kinds. */
const anyName = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
const anyNames: fc.Arbitrary<UserNames> = fc.record({ [CC]: anyName, [MILA]: anyName, [EMAIL]: anyName });
/** A users table: each has an address, and a name of one kind belongs to one user. */
const anyUsers = fc
  .array(anyNames, { maxLength: 3 })
  .map((users) =>
    users
      .map((user, at) => ({ ...user, [EMAIL]: 'abc'.charAt(at) }))
      .filter((user, at, all) =>
        NAME_KINDS.every((kind) =>
          all.slice(0, at).every((other) => user[kind] === null || user[kind] !== other[kind]),
        ),
      ),
  );
const presentIn = (each: UserNames) => NAME_KINDS.filter((kind) => each[kind] !== null);

describe('completeNames', () => {
  it('fills in the names of the one whose name the job has', () => {
    for (const kind of NAME_KINDS) expect(completeNames(names({ [kind]: ada[kind] }), [bob, ada])).toEqual(ada);
    expect(completeNames(names({ [MILA]: 'bob' }), [ada, bob])).toEqual(bob);
  });

  it('fills in nothing where the names belong to two users, or to one and nobody', () => {
    const mixed = names({ [CC]: 'ada01', [MILA]: 'bob' });
    expect(completeNames(mixed, [ada, bob])).toEqual(mixed);
    const stranger = names({ [CC]: 'ada01', [EMAIL]: 'eve@example.org' });
    expect(completeNames(stranger, [ada, bob])).toEqual(stranger);
    // Bob has no Compute Canada account: a job that has both names is not known to be his.
    const other = names({ [CC]: 'bob01', [MILA]: 'bob' });
    expect(completeNames(other, [ada, bob])).toEqual(other);
  });

  it('takes no name of one kind for one of another', () => {
    const job = names({ [CC]: 'ada' });
    expect(completeNames(job, [ada])).toEqual(job);
  });

  it('knows nothing of a job without names', () => {
    expect(completeNames(NO_NAMES, [ada, bob, names({})])).toEqual(NO_NAMES);
  });

  it('never changes a name that is there, and fills in those of one user or none', () => {
    fc.assert(
      fc.property(anyNames, anyUsers, (given, users) => {
        const complete = completeNames(given, users);
        for (const kind of presentIn(given)) expect(complete[kind]).toBe(given[kind]);
        const owners = users.filter((user) => presentIn(given).every((kind) => user[kind] === given[kind]));
        if (presentIn(given).length === 0 || owners.length === 0) expect(complete).toEqual(given);
        else expect(owners).toContainEqual(complete);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same whatever the order of the users, and the same again from what it gave', () => {
    fc.assert(
      fc.property(anyNames, anyUsers, (given, users) => {
        const complete = completeNames(given, users);
        expect(completeNames(given, users.toReversed())).toEqual(complete);
        expect(completeNames(complete, users)).toEqual(complete);
      }),
      { numRuns: 1000 },
    );
  });

  it('makes nobody the owner of a job whose own names are not theirs', () => {
    fc.assert(
      fc.property(anyNames, anyUsers, (given, users) => {
        for (const user of users) {
          expect(ownsJob(user, completeNames(given, users))).toBe(ownsJob(user, given));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves what it was given as it was', () => {
    const given = Object.freeze(names({ [MILA]: 'ada' }));
    const users = Object.freeze([Object.freeze({ ...ada })]);
    completeNames(given, users)[MILA] = 'x';
    expect(given[MILA]).toBe('ada');
    expect(users[0]).toEqual(ada);
    expect(NO_NAMES).toEqual({ [CC]: null, [MILA]: null, [EMAIL]: null });
  });
});

describe('ownsJob', () => {
  it.each<[string, Partial<UserNames>, boolean]>([
    ['all three', ada, true],
    ['one of them', { [MILA]: 'ada' }, true],
    ['two of them', { [CC]: 'ada01', [EMAIL]: 'ada@example.org' }, true],
    ['none', {}, false],
    ["one and somebody else's", { [MILA]: 'ada', [CC]: 'bob01' }, false],
    ["somebody else's", bob, false],
    ['one of another kind', { [CC]: 'ada' }, false],
    ['one in capitals', { [MILA]: 'Ada' }, false],
  ])('a job with %s', (_, job, owned) => {
    expect(ownsJob(ada, names(job))).toBe(owned);
  });

  it('needs each name that the job has to be the person’s, and one at least', () => {
    fc.assert(
      fc.property(anyNames, anyNames, (person, job) => {
        const some = NAME_KINDS.some((kind) => job[kind] !== null);
        const foreign = NAME_KINDS.some((kind) => job[kind] !== null && job[kind] !== person[kind]);
        expect(ownsJob(person, job)).toBe(some && !foreign);
      }),
    );
  });
});

describe('normalName', () => {
  it('puts addresses alone in lower case', () => {
    expect(normalName(EMAIL, 'Ada@Example.ORG')).toBe('ada@example.org');
    expect(normalName(CC, 'Ada')).toBe('Ada');
    expect(normalName(MILA, 'Ada')).toBe('Ada');
  });
});
