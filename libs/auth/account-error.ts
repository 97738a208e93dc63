export type AccountErrorKind = 'missing' | 'taken' | 'invalid';

interface Details {
  kind: AccountErrorKind;
  /** Set where one value is to blame. */
  field?: string;
  /** What to do, as a command. */
  command?: string;
}

/** What an administrator asked for cannot be done; the message says why, and at the command line what to do. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly kind: AccountErrorKind;
  readonly field: string | null;

  /** @param reason a sentence */
  constructor(
    readonly reason: string,
    { kind, field, command }: Details,
  ) {
    super(command === undefined ? reason : `${reason} ${command}`);
    this.kind = kind;
    this.field = field ?? null;
  }
}
