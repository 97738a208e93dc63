/**
 * The collector's cycle as it is built, with its real services, run each time it is told to: at nobody's pace, so that a cycle's
 * time is its own. One process reads again and again, as the collector does.
 */
import { NestFactory } from '@nestjs/core';
import type * as CycleFile from '../../../apps/collector/cluster-cycle.ts';
import type * as ModuleFile from '../../../apps/collector/collector.module.ts';
import { ClusterStates, readClustersFile } from '#libs/clusters';
import { createLogger, NestLogger, readConfiguration } from '#libs/common';
import { Indexes, openDatabase } from '#libs/database';
import { JobWriter, LiveJobs } from '#libs/jobs';
import { NodesService } from '#libs/nodes';
import { openSource } from '#libs/slurm';
import type { Cycle } from './collector-process.ts';
import { onDemand } from './on-demand.ts';

const built = (file: string) => import(new URL(`../../../dist/apps/collector/${file}`, import.meta.url).href);
const { ClusterCycle } = (await built('cluster-cycle.js')) as typeof CycleFile;
const { CollectorModule } = (await built('collector.module.js')) as typeof ModuleFile;

const configuration = readConfiguration(process.env);
const [cluster] = await readClustersFile(configuration.clustersFile ?? '');
if (cluster === undefined) throw new Error('there is no cluster to read');

const logger = createLogger(configuration);
const database = await openDatabase(configuration, console.error);
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
const context = await NestFactory.createApplicationContext(CollectorModule.of(database, logger), {
  logger: new NestLogger(logger),
});
await context.get(Indexes).create();
const states = context.get(ClusterStates);
const source = openSource(cluster.source, cluster.limits, cluster);
await states.configured(cluster, source.description);
const cycle = new ClusterCycle(cluster, source, {
  writer: context.get(JobWriter),
  live: context.get(LiveJobs),
  nodes: context.get(NodesService),
  states,
  logger,
});

const { signal } = new AbortController();
onDemand(async (question): Promise<Cycle> => {
  const begun = performance.now();
  const report = question === 'cycle' ? await cycle.run(() => undefined, signal) : null;
  return { ms: performance.now() - begun, report };
});
