/** The embedded database cannot be had in its data directory; the message says why and what to set. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}
