import { collectDefaultMetrics, Gauge } from 'prom-client';
import { registers, registry } from './registry.js';

/** How often the event loop is looked at: less often costs an idle process less. */
const LAG_PRECISION_MS = 20;

/** Gauges that are named as counters are, and of which better ones remain. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

let isWatched = false;

/** Begins to watch this process: memory, processor, event loop, garbage collection. To be called by who shows it. */
export function watchThisProcess(version: string): void {
  if (isWatched) return;
  isWatched = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'clockwork_build_info',
    help: 'Always 1; the labels tell which Clockwork and which Node this is.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version, node_version: process.versions.node }, 1);
}
