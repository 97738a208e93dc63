import pino from 'pino';
import { type ClusterConfiguration, ClusterStates } from '#libs/clusters';
import { JobWriter, LiveJobs } from '#libs/jobs';
import { NodesService } from '#libs/nodes';
import { openSource } from '#libs/slurm';
import { ClusterCycle, type CycleReport } from '../../apps/collector/cluster-cycle.js';
import { clusterNamed } from './cluster-configurations.js';
import type { ScriptedSlurm } from './scripted-slurm.js';
import type { OpenServices } from './services-in-process.js';

/** A cluster whose cycles are run when the test says so. */
export interface CycledCluster {
  name: string;
  cycle: () => Promise<CycleReport>;
  states: ClusterStates;
}

/** Accounting is taken as gone through just now, so that what the cycles ask is about jobs that vanished. */
export async function cycledCluster(
  { services }: OpenServices,
  name: string,
  slurm: ScriptedSlurm,
  changes: Partial<ClusterConfiguration> = {},
): Promise<CycledCluster> {
  const cluster = clusterNamed(name, {
    source: { kind: 'command', prefix: slurm.prefix, environment: {} },
    limits: { timeLimitMs: 20_000, outputLimitBytes: 1024 ** 2 },
    intervalMs: 100,
    ...changes,
  });
  const states = services.get(ClusterStates);
  const source = openSource(cluster.source, cluster.limits, cluster);
  await states.configured(cluster, source.description);
  await states.setSweep(name, { until: Date.now(), at: null });
  const cycle = new ClusterCycle(cluster, source, {
    writer: services.get(JobWriter),
    live: services.get(LiveJobs),
    nodes: services.get(NodesService),
    states,
    logger: pino({ level: 'silent' }),
  });
  const { signal } = new AbortController();
  return { name, states, cycle: () => cycle.run(() => undefined, signal) };
}
