import type { SlurmCommands } from './slurm-commands.ts';

/** What asking for them costs itself. */
const OWN = 'REQUEST_STATS_INFO';

/** How many requests of each type slurmctld has had since it started, by its own count (`sdiag`). */
export async function rpcCounts(slurm: SlurmCommands): Promise<Map<string, number>> {
  const printed = await slurm.run('sdiag');
  const [, byType = ''] = printed.split(/^Remote Procedure Call statistics by message type$/m);
  const [table = ''] = byType.split(/^Remote Procedure Call statistics by user$/m);
  const rows = [...table.matchAll(/^\s*(\w+)\s*\(\s*\d+\)\s*count:(\d+)/gm)];
  if (rows.length === 0) throw new Error(`sdiag has no requests by type:\n${printed}`);
  return new Map(rows.map(([, type = '', count]) => [type, Number(count)] as const).filter(([type]) => type !== OWN));
}

/** What has come in between, by type; what has not is left out. */
export function rpcsBetween(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const changes = [...after].map(([type, count]) => [type, count - (before.get(type) ?? 0)] as const);
  return new Map(changes.filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}
