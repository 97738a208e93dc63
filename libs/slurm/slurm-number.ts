import { isJsonObject } from './json-object.js';
import { WrongShape } from './wrong-shape.js';

/**
 * NO_VAL and INFINITE of slurm.h (0xfffffffe and 0xffffffff). 22.05 prints most of them as null, but not all; the largest
 * value that Slurm uses as a number, a priority, stays below.
 */
const NO_VAL = 0xfffffffe;
const INFINITE = 0xffffffff;

/** The last second of the year 9999, the last that ISO 8601 writes with four digits. */
const LAST_TIME = 253_402_300_799;

/**
 * A number as any version prints it: plain (22.05), or `{set, infinite, number}` (from 23.02 on).
 * Null where it is absent, not set, or infinite.
 */
export function slurmNumber(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value === NO_VAL || value === INFINITE ? null : value;
  if (isJsonObject(value) && typeof value['set'] === 'boolean') {
    if (!value['set'] || value['infinite'] === true) return null;
    if (typeof value['number'] === 'number') return slurmNumber(value['number']);
  }
  throw WrongShape.expected('a number', value);
}

/** As {@link slurmNumber}, for counts and ids: whole and not negative. */
export function slurmInteger(value: unknown): number | null {
  const number = slurmNumber(value);
  if (number === null) return null;
  if (!Number.isSafeInteger(number) || number < 0) throw WrongShape.expected('a whole number from 0 up', number);
  return number;
}

/** As {@link slurmInteger}, where 0 says that there is none: array and heterogeneous job ids. */
export function slurmId(value: unknown): string | null {
  const id = slurmInteger(value);
  return id === null || id === 0 ? null : String(id);
}

/** Epoch seconds. Every version prints 0 for a time that Slurm does not know; the newer ones call that one `set`. */
export function slurmTime(value: unknown): number | null {
  const time = slurmInteger(value);
  if (time !== null && time > LAST_TIME) throw WrongShape.expected('a time in epoch seconds', time);
  return time === 0 ? null : time;
}

/** Seconds, from minutes: limits are in minutes in every version, rounded up by Slurm. Null is unlimited or unknown. */
export function slurmMinutes(value: unknown): number | null {
  const minutes = slurmInteger(value);
  return minutes === null ? null : minutes * 60;
}
