/**
 * The collector as it is built, reading its clusters once each time it is told to: at nobody's pace, so that a cycle's time is
 * its own.
 */
import type * as CollectorApp from '../../../apps/collector/index.ts';
import { readConfiguration } from '#libs/common';
import type { Cycle } from './collector-process.ts';
import { onDemand } from './on-demand.ts';

const BUILT = new URL('../../../dist/apps/collector/index.js', import.meta.url);
const { configuredClusters, withCollector } = (await import(BUILT.href)) as typeof CollectorApp;

const configuration = readConfiguration(process.env);
const clusters = await configuredClusters(configuration);
await withCollector(configuration, clusters, console.error, (collector) => {
  const { signal } = new AbortController();
  onDemand(async (question): Promise<Cycle> => {
    const begun = performance.now();
    const reports = question === 'cycle' ? await collector.once(signal) : [];
    return { ms: performance.now() - begun, reports };
  });
  // Until its parent goes.
  return new Promise(() => undefined);
});
