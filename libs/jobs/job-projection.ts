import type { Document } from 'mongodb';

/** The public parts, in the order in which they are stored. */
const PARTS = ['slurm', 'cw', 'user'] as const;

/** All that is shown of a job. */
export const PUBLIC_PARTS = { _id: 0, slurm: 1, cw: 1, user: 1 };

/** A key that a path of MongoDB can name, and that every version of it takes. */
const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

interface AskedPart {
  part: (typeof PARTS)[number];
  /** Null: the whole part. */
  keys: readonly string[] | null;
}

/**
 * The projection for `fields`: `slurm` is the whole part, `slurm.NAME` one key of it, where all after the first dot is
 * the key. A whole part wins over keys of it.
 */
export function jobProjection(fields: readonly string[] | undefined): Document {
  if (fields === undefined) return PUBLIC_PARTS;
  const asked = PARTS.map((part): AskedPart => {
    const keys = fields.filter((field) => field.startsWith(`${part}.`)).map((field) => field.slice(part.length + 1));
    return { part, keys: fields.includes(part) ? null : keys };
  }).filter(({ keys }) => keys === null || keys.length > 0);
  // All in one way: MongoDB puts what it works out behind what it takes as it stands.
  const entries = asked.every(({ keys }) => keys?.every((key) => PLAIN_KEY.test(key)) ?? true)
    ? asked.flatMap(paths)
    : asked.map(expression);
  return { _id: 0, ...Object.fromEntries(entries) };
}

function paths({ part, keys }: AskedPart): [string, unknown][] {
  return keys === null ? [[part, 1]] : keys.map((key) => [`${part}.${key}`, 1]);
}

/** Keys are compared as text: a path would take their dots and dollar signs for its own. */
function expression({ part, keys }: AskedPart): [string, unknown] {
  if (keys === null) return [part, `$${part}`];
  const wanted = { $in: ['$$this.k', { $literal: keys }] };
  return [part, { $arrayToObject: { $filter: { input: { $objectToArray: `$${part}` }, cond: wanted } } }];
}
