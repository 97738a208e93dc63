/** How many GPUs of a type a node has. */
export interface GpuCount {
  /** As Slurm names it; null where `gres` names none. */
  type: string | null;
  number: number;
}

/**
 * The GPUs in a node's `gres` (slurm.conf, "Gres"; gres.conf, "Type"): `gpu`, `gpu:2`, `gpu:rtx8000`,
 * `gpu:rtx8000:2(S:0-1)`, `gpu:1g.10gb:7`, any of them with `no_consume`, comma-separated, other resources among them.
 * No count is 1; the same type again (another socket) adds up. In the order first named.
 */
export function gpusOfGres(gres: string): GpuCount[] {
  const counts = new Map<string | null, number>();
  // What stands in parentheses are sockets or indexes, with commas of their own.
  for (const item of gres.replaceAll(/\([^()]*\)/g, '').split(',')) {
    const [kind, ...rest] = item
      .trim()
      .replace(/^gres[:/]/, '')
      .split(':')
      .filter((word) => word !== 'no_consume');
    if (kind !== 'gpu') continue;
    const last = rest.at(-1);
    const counted = last !== undefined && /^\d+$/.test(last);
    const type = (counted ? rest.slice(0, -1) : rest).join(':');
    const number = counted ? Number(last) : 1;
    if (number > 0) counts.set(type || null, (counts.get(type || null) ?? 0) + number);
  }
  return [...counts].map(([type, number]) => ({ type, number }));
}
