import { isJsonObject } from './json-object.js';
import { slurmNumber } from './slurm-number.js';
import { slurmText } from './slurm-text.js';
import { WrongShape } from './wrong-shape.js';

/** Units of memory in TRES texts, each 1024 of the one before; the counts are in M. */
const MEMORY_UNITS = ['M', 'G', 'T', 'P'] as const;

/**
 * Trackable resources as Slurm's text writes them: `cpu=1,mem=100M,node=1,billing=1,gres/gpu=1`. squeue prints that text, sacct
 * a list of `{type, name, count}`, which is written the same way here, so that one reader does for both.
 * Null where there are none.
 */
export function tresText(value: unknown): string | null {
  if (!Array.isArray(value)) return slurmText(value);
  const parts = value.map(tresPart).filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(',');
}

function tresPart(tres: unknown): string | null {
  if (!isJsonObject(tres)) throw WrongShape.expected('a list of resources', tres);
  const type = slurmText(tres['type']);
  if (type === null) throw WrongShape.expected('a list of resources with a type each', tres);
  const name = slurmText(tres['name']);
  const count = slurmNumber(tres['count']);
  // Null in 22.05 and negative in 24.11 (-2) is a count that accounting does not have; Slurm's text leaves it out.
  if (count === null || count < 0) return null;
  return `${name === null ? type : `${type}/${name}`}=${type === 'mem' ? memoryText(count) : String(count)}`;
}

/** The largest unit that keeps the number whole, as slurmctld writes it (CONVERT_NUM_UNIT_EXACT): 4096 is `4G`, 4000 `4000M`. */
function memoryText(megabytes: number): string {
  let count = megabytes;
  let unit = 0;
  while (count !== 0 && count % 1024 === 0 && unit < MEMORY_UNITS.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${count}${MEMORY_UNITS[unit] ?? ''}`;
}

/** The count of one resource in such a text; null where it is not in there. Not for memory, which has units. */
export function tresCount(text: string | null, resource: 'cpu' | 'node'): number | null {
  const part = text?.split(',').find((candidate) => candidate.startsWith(`${resource}=`));
  return part === undefined ? null : Number(part.slice(resource.length + 1));
}
