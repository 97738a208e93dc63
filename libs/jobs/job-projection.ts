import type { Document } from 'mongodb';

/** The public parts, in the order in which they are stored. */
const PARTS = ['slurm', 'cw', 'user'] as const;

/** All that is shown of a job. */
export const PUBLIC_PARTS = { _id: 0, slurm: 1, cw: 1, user: 1 };

/** A key that a path of MongoDB can name, and that every version of it takes. */
const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

/**
 * The projection for `fields`: `slurm` is the whole part, `slurm.NAME` one key of it, where all after the first dot is
 * the key. A whole part wins over keys of it.
 */
export function jobProjection(fields: readonly string[] | undefined): Document {
  if (fields === undefined) return PUBLIC_PARTS;
  const projection: Document = { _id: 0 };
  for (const part of PARTS) {
    const keys = fields.filter((field) => field.startsWith(`${part}.`)).map((field) => field.slice(part.length + 1));
    if (fields.includes(part)) projection[part] = 1;
    else if (keys.length > 0) Object.assign(projection, keysOf(part, keys));
  }
  return projection;
}

function keysOf(part: string, keys: readonly string[]): Document {
  if (keys.every((key) => PLAIN_KEY.test(key))) return Object.fromEntries(keys.map((key) => [`${part}.${key}`, 1]));
  // Any other key is compared as text: a path would take its dots and dollar signs for its own.
  const wanted = { $in: ['$$this.k', { $literal: keys }] };
  return { [part]: { $arrayToObject: { $filter: { input: { $objectToArray: `$${part}` }, cond: wanted } } } };
}
