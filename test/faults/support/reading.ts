import { BASE, exchange } from '../../support/http-exchange.js';
import { eventually } from '../../support/eventually.js';
import type { ScriptedSlurm } from '../../support/scripted-slurm.js';
import type { Load } from './load.ts';

const PATIENCE_MS = 90_000;

/** Changes what a cluster shows. @returns how long after a moment the API shows it too */
export async function readAfter(slurm: ScriptedSlurm, load: Load, since: number, name: string): Promise<number> {
  await slurm.show([{ id: 1, name }]);
  const path = `${BASE}/jobs/one?job_id=1&cluster_name=read`;
  await eventually(async () => {
    const { body } = await exchange(load.url, path, { key: load.key });
    expect((body as { slurm?: { name?: unknown } } | undefined)?.slurm?.name).toBe(name);
  }, PATIENCE_MS);
  return performance.now() - since;
}
