import { BSON } from 'mongodb';
import { contentTooLarge } from '#libs/common';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/json';

/** A job's user dict as stored takes at most this many bytes of BSON. */
export const MOST_DICT_BYTES = 1024 * 1024;
/** Objects and lists inside each other, the dict being the first. */
export const MOST_DICT_DEPTH = 32;

/** How many levels of objects and lists a value has; 0 for a plain one. */
export function depthOf(value: JsonValue): number {
  if (Array.isArray(value)) return 1 + deepest(value);
  return isJsonObject(value) ? 1 + deepest(value.values()) : 0;
}

function deepest(values: Iterable<JsonValue>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, depthOf(value));
  return most;
}

export function mergedDictTooLarge(): Error {
  return contentTooLarge('update_pairs: the merged dict would take more than 1 MiB as stored. Nothing was changed.');
}

/** What is wrong with a dict's extent, or null. */
export function dictLimitExceeded(dict: JsonObject): string | null {
  if (depthOf(dict) > MOST_DICT_DEPTH) return `it may be at most ${MOST_DICT_DEPTH} levels deep`;
  if (BSON.calculateObjectSize(dict) > MOST_DICT_BYTES) return 'it may take at most 1 MiB as stored';
  return null;
}
