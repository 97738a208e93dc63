/** No server binary can be had; the message says what to install or to set. */
export class MongodUnavailableError extends Error {
  override readonly name = 'MongodUnavailableError';
}
