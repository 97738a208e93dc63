/** How many GPUs of a type a node has. */
export interface GpuCount {
  /** As Slurm names it; null where it names none. */
  type: string | null;
  number: number;
}

/** No node has more; it fits into 32 bits. */
export const MOST_GPUS = 2 ** 31 - 1;

/** What a suffix of a count stands for (gres.conf, "Count"). */
const MULTIPLES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/**
 * The GPUs in a node's `gres` (slurm.conf, "Gres"; gres.conf, "Type"): `gpu`, `gpu:2`, `gpu:rtx8000`,
 * `gpu:rtx8000:2(S:0-1)`, `gpu:1g.10gb:7`, any of them with `no_consume`, comma-separated, other resources among them:
 * `shard` and `mps` are shares of GPUs that are counted already. No count is 1; the same type again (another socket) adds up.
 * In the order first named.
 */
export function gpusOfGres(gres: string): GpuCount[] {
  const counts = new Counts();
  for (const item of itemsOf(gres)) {
    const [kind, ...rest] = item
      .replace(/^gres[:/]/, '')
      .split(':')
      .filter((word) => word !== 'no_consume');
    if (kind !== 'gpu') continue;
    const count = countOf(rest.at(-1) ?? '');
    const type = (count === null ? rest : rest.slice(0, -1)).join(':');
    counts.add(type || null, count ?? 1);
  }
  return counts.list();
}

/** Whether a node's `gres` says nothing at all, as where a site does not show it. */
export function isEmptyGres(gres: string): boolean {
  return itemsOf(gres).every((item) => item === '' || item === 'N/A');
}

/**
 * The GPUs in a node's `cfg_tres`: `gres/gpu=4` is all of them, `gres/gpu:a100=2` a part of these, for the types that a site
 * accounts for (slurm.conf, "AccountingStorageTRES"). Those whose type is not told come last.
 */
export function gpusOfTres(tres: string): GpuCount[] {
  const counts = new Counts();
  let all = 0;
  for (const item of itemsOf(tres)) {
    const [, type, text = ''] = /^gres\/gpu(?::([^=]+))?=(.+)$/.exec(item) ?? [];
    const count = countOf(text);
    if (count === null) continue;
    if (type === undefined) all = count;
    else counts.add(type, count);
  }
  counts.add(null, all - counts.sum());
  return counts.list();
}

/**
 * A node's GPUs: as many as `gres` says, of the types that it names, and where it leaves types out of those in `cfg_tres`. Where
 * `gres` says nothing at all, `cfg_tres` alone counts.
 */
export function gpusOfNode(gres: string, tres: string): GpuCount[] {
  if (isEmptyGres(gres)) return gpusOfTres(tres);
  const named = gpusOfGres(gres);
  let untyped = named.find(({ type }) => type === null)?.number ?? 0;
  if (untyped === 0) return named;
  const counts = new Counts();
  for (const { type, number } of named) {
    if (type !== null) {
      counts.add(type, number);
      continue;
    }
    for (const configured of gpusOfTres(tres)) {
      if (configured.type === null) continue;
      const known = named.find((gpu) => gpu.type === configured.type)?.number ?? 0;
      const left = Math.min(configured.number - known, untyped);
      counts.add(configured.type, left);
      untyped -= Math.max(left, 0);
    }
    counts.add(null, untyped);
  }
  return counts.list();
}

/** What stands in parentheses are sockets or indexes, with commas of their own. */
function itemsOf(text: string): string[] {
  return text
    .replaceAll(/\([^()]*\)/g, '')
    .split(',')
    .map((item) => item.trim());
}

/** Null where the text is no count. */
function countOf(text: string): number | null {
  const [, digits, suffix = ''] = /^(\d+)([kmgtp]?)$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  return Math.min(Number(digits) * (MULTIPLES[suffix.toLowerCase()] ?? 1), MOST_GPUS);
}

class Counts {
  private readonly numbers = new Map<string | null, number>();

  /** Nothing is added where the number is not above 0. */
  add(type: string | null, number: number): void {
    if (number <= 0) return;
    this.numbers.set(type, Math.min((this.numbers.get(type) ?? 0) + number, MOST_GPUS));
  }

  sum(): number {
    return this.list().reduce((sum, { number }) => sum + number, 0);
  }

  list(): GpuCount[] {
    return [...this.numbers].map(([type, number]) => ({ type, number }));
  }
}
