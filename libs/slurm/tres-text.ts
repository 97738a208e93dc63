import { isJsonObject } from './json-object.js';
import { slurmNumber } from './slurm-number.js';
import { slurmText } from './slurm-text.js';
import { WrongShape } from './wrong-shape.js';

/** Units of memory in TRES texts, each 1024 of the one before; the counts are in M. */
const MEMORY_UNITS = ['M', 'G', 'T', 'P'] as const;

/** Slurm's own ones in its order (`g_tres_count` and the enum tres_types of slurm.h); those of a site follow by name. */
const FIRST_TRES: readonly string[] = ['cpu', 'mem', 'energy', 'node', 'billing', 'fs/disk', 'vmem', 'pages'];

/**
 * Trackable resources as squeue writes them, `cpu=1,mem=100M,node=1,billing=1,gres/gpu=1`, from what any source has: that text,
 * sacct's text, which is in order of names, or its JSON, a list of `{type, name, count}`. Memory is in the largest unit that keeps
 * it whole. Null where there are none.
 */
export function tresText(value: unknown): string | null {
  if (Array.isArray(value)) return written(value.map(tresPart));
  const text = slurmText(value);
  if (text === null) return null;
  let result = known.get(text);
  if (result === undefined) {
    result = written(splitText(text)) ?? text;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, result);
  }
  return result;
}

/** Most jobs of a cluster ask for one of a few things. */
const MOST_KNOWN = 5_000;
const known = new Map<string, string>();

function written(parts: readonly (TresPart | null)[]): string | null {
  const counted = parts.filter((part) => part !== null);
  return counted.length === 0
    ? null
    : counted
        .sort(bySlurmsOrder)
        .map(({ name, count }) => `${name}=${count}`)
        .join(',');
}

interface TresPart {
  /** `cpu`, `gres/gpu:a100` */
  name: string;
  count: string;
}

function splitText(text: string): TresPart[] {
  return text.split(',').map((part) => {
    const equals = part.lastIndexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    if (equals === -1) throw new WrongShape('is not a text of resources like cpu=1,mem=4G');
    const count = part.slice(equals + 1);
    return { name, count: name === 'mem' ? wholeMemory(count) : count };
  });
}

/** `62.50G` is `64000M`, as sacct's list of the same job has it. */
function wholeMemory(text: string): string {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([MGTP])$/.exec(text) ?? [];
  const megabytes = Number(number) * 1024 ** Math.max(0, MEMORY_UNITS.indexOf(unit as 'M'));
  return number === '' || !Number.isSafeInteger(megabytes) ? text : memoryText(megabytes);
}

function bySlurmsOrder(a: TresPart, b: TresPart): number {
  const [first, second] = [a, b].map(({ name }) => {
    const place = FIRST_TRES.indexOf(name);
    return place === -1 ? FIRST_TRES.length : place;
  });
  if (first !== second) return (first ?? 0) - (second ?? 0);
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function tresPart(tres: unknown): TresPart | null {
  if (!isJsonObject(tres)) throw WrongShape.expected('a list of resources', tres);
  const type = slurmText(tres['type']);
  if (type === null) throw WrongShape.expected('a list of resources with a type each', tres);
  const name = slurmText(tres['name']);
  const count = slurmNumber(tres['count']);
  // Null in 22.05 and negative in 24.11 (-2) is a count that accounting does not have; Slurm's text leaves it out.
  if (count === null || count < 0) return null;
  return { name: name === null ? type : `${type}/${name}`, count: type === 'mem' ? memoryText(count) : String(count) };
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

/** How many GPUs are in such a text, and how many of them of each type that it names. */
export interface GpuCount {
  total: number;
  byType: ReadonlyMap<string, number>;
}

/** The GPUs of `cpu=2,gres/gpu=2,gres/gpu:a100=2`, which are two: `gres/gpu` is the total, what has a type is part of it. */
export function gpusOfTres(text: string | null): GpuCount {
  let untyped = 0;
  const byType = new Map<string, number>();
  for (const part of text?.split(',') ?? []) {
    const [, , type, count = ''] = /^gres\/gpu(:([^=]+))?=(\d+)$/.exec(part) ?? [];
    if (count === '') continue;
    if (type === undefined) untyped = Number(count);
    else byType.set(type, (byType.get(type) ?? 0) + Number(count));
  }
  return {
    total: Math.max(
      untyped,
      [...byType.values()].reduce((sum, count) => sum + count, 0),
    ),
    byType,
  };
}
