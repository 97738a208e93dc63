/** The three kinds of usernames that a person may have; one each at most. */
export const NAME_KINDS = ['cc_account_username', 'mila_cluster_username', 'mila_email_username'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** A name of each kind, `null` where there is none or it is not known. */
export type UserNames = Record<NameKind, string | null>;

export const NO_NAMES: Readonly<UserNames> = {
  cc_account_username: null,
  mila_cluster_username: null,
  mila_email_username: null,
};

/** E-mail addresses are kept and compared in lower case; the other names as they are. */
export function normalName(kind: NameKind, name: string): string {
  return kind === 'mila_email_username' ? name.toLowerCase() : name;
}

/**
 * Fills in the names of a job from the users table. A name that the job came with stays; where those it came with do
 * not all belong to one user, nothing is known and nothing is filled in.
 * @param given the names that the job came with
 * @param users users that have any of these names; others do no harm
 */
export function completeNames(given: Readonly<UserNames>, users: readonly UserNames[]): UserNames {
  const present = NAME_KINDS.filter((kind) => given[kind] !== null);
  const owner = users.find((user) => present.every((kind) => user[kind] === given[kind]));
  if (present.length === 0 || owner === undefined) return { ...given };
  const complete = { ...NO_NAMES };
  for (const kind of NAME_KINDS) complete[kind] = given[kind] ?? owner[kind];
  return complete;
}

/**
 * Whether a job belongs to a person: each name that it has is theirs, and it has at least one.
 * @param job the job's names, those filled in included
 */
export function ownsJob(person: Readonly<UserNames>, job: Readonly<UserNames>): boolean {
  const present = NAME_KINDS.filter((kind) => job[kind] !== null);
  return present.length > 0 && present.every((kind) => job[kind] === person[kind]);
}
