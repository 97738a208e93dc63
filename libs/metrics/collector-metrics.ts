import { Counter, Gauge } from 'prom-client';
import { registers } from './registry.js';

// The collector keeps its figures in the database, by cluster: every API shows the same, and a restart loses none.

export const collectorCycles = new Counter({
  name: 'clockwork_collector_cycles_total',
  help: 'Cycles of reading a cluster, those that failed too.',
  labelNames: ['cluster'],
  registers,
});

const WHAT = ['cluster', 'what'];

export const collectorReadings = new Counter({
  name: 'clockwork_collector_readings_total',
  help: 'Questions that a cluster answered whole: what is jobs, nodes or accounting.',
  labelNames: WHAT,
  registers,
});

export const collectorReadingSeconds = new Counter({
  name: 'clockwork_collector_reading_seconds_total',
  help: 'Time that a cluster took over those answers.',
  labelNames: WHAT,
  registers,
});

export const collectorRecords = new Counter({
  name: 'clockwork_collector_records_total',
  help: 'Records in those answers.',
  labelNames: WHAT,
  registers,
});

export const collectorSkipped = new Counter({
  name: 'clockwork_collector_skipped_records_total',
  help: 'Records of those that could not be read or kept.',
  labelNames: WHAT,
  registers,
});

export const collectorFailures = new Counter({
  name: 'clockwork_collector_failures_total',
  help: 'What failed: what is jobs, nodes, accounting, or write where the database did not keep it.',
  labelNames: WHAT,
  registers,
});

export const consecutiveFailures = new Gauge({
  name: 'clockwork_collector_consecutive_failures',
  help: 'Failures in a row at the moment; absent where all goes well.',
  labelNames: WHAT,
  registers,
});

export const clusterObserved = new Gauge({
  name: 'clockwork_cluster_observed_timestamp_seconds',
  help: 'When the cluster last answered whole; absent where it never did.',
  labelNames: WHAT,
  registers,
});

export const clusterAge = new Gauge({
  name: 'clockwork_cluster_age_seconds',
  help: 'How long ago that was when the figures were worked out.',
  labelNames: WHAT,
  registers,
});

export const clusterStale = new Gauge({
  name: 'clockwork_cluster_stale',
  help: '1 where jobs or nodes were last read more than three intervals ago or never, else 0.',
  labelNames: ['cluster'],
  registers,
});

export const clusterInterval = new Gauge({
  name: 'clockwork_cluster_interval_seconds',
  help: 'From one reading to the next, when all is well.',
  labelNames: ['cluster'],
  registers,
});

export const vanishedJobs = new Gauge({
  name: 'clockwork_cluster_vanished_jobs',
  help: 'Jobs that the cluster does not show any more, and that accounting is still asked for.',
  labelNames: ['cluster'],
  registers,
});
