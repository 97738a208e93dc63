/** What an administrator asked for cannot be done; the message says why and what to do. `field` is set where one value is to blame. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  constructor(
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
  }
}
