import { durationMs, isoInstant } from '#libs/common';

/**
 * The instant that a text names: so long ago (`7d`), or one of ISO 8601 with its offset.
 * @returns null for anything else
 */
export function sinceInstant(text: string, now: Date): Date | null {
  const ago = durationMs(text);
  return ago === null ? isoInstant(text) : new Date(now.getTime() - ago);
}
