import { completeNames, NAME_KINDS, type UserNames } from '#libs/auth';

/** Users to fill names in from, found by any of their names: a name of one kind belongs to one user. */
export class UsersByName {
  private readonly users = new Map<string, UserNames>();

  constructor(users: readonly UserNames[]) {
    for (const user of users) {
      for (const kind of NAME_KINDS) this.users.set(`${kind} ${user[kind] ?? ''}`, user);
    }
  }

  complete(given: Readonly<UserNames>): UserNames {
    const kind = NAME_KINDS.find((each) => given[each] !== null);
    const user = kind === undefined ? undefined : this.users.get(`${kind} ${given[kind] ?? ''}`);
    return completeNames(given, user === undefined ? [] : [user]);
  }
}
