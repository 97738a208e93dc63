import { durationMs } from '#libs/common';

/** A later one is no date-time of RFC 3339, which has four digits for it. */
export const LAST_YEAR = 9_999;

/** When a key ends that is made now, for so long; else what is wrong with the duration, such as `90d`. */
export function keyExpiry(duration: string, now: Date): Date | 'no duration' | 'too long' {
  const ms = durationMs(duration);
  if (ms === null || ms === 0) return 'no duration';
  const end = new Date(now.getTime() + ms);
  // Of what no Date can hold, the year is NaN.
  return end.getUTCFullYear() <= LAST_YEAR ? end : 'too long';
}
