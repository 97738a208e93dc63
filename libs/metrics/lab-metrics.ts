import { Gauge } from 'prom-client';
import { registers } from './registry.js';

const BY_STATE = ['cluster', 'partition', 'state'];

export const liveJobs = new Gauge({
  name: 'clockwork_jobs',
  help: "Jobs that wait or run, by Slurm's state.",
  labelNames: BY_STATE,
  registers,
});

export const jobGpus = new Gauge({
  name: 'clockwork_job_gpus',
  help: 'GPUs that these jobs hold, or ask for while they wait.',
  labelNames: BY_STATE,
  registers,
});

export const endedJobs = new Gauge({
  name: 'clockwork_jobs_ended_last_hour',
  help: 'Jobs that ended within the last hour, by the state that they ended in.',
  labelNames: BY_STATE,
  registers,
});

export const startedJobs = new Gauge({
  name: 'clockwork_jobs_started_last_hour',
  help: 'Jobs that started within the last hour.',
  labelNames: ['cluster', 'partition'],
  registers,
});

export const archivedJobs = new Gauge({
  name: 'clockwork_jobs_archived',
  help: 'Jobs that ended long ago, in the archive.',
  registers,
});

export const archiveEnded = new Gauge({
  name: 'clockwork_archive_last_run_timestamp_seconds',
  help: 'When jobs were last archived, to the end; absent before that.',
  registers,
});

const BY_PERCENTILE = ['cluster', 'partition', 'percentile'];

export const waitSeconds = new Gauge({
  name: 'clockwork_job_wait_seconds',
  help: 'From submission to start of the jobs that started within the last hour: percentiles.',
  labelNames: BY_PERCENTILE,
  registers,
});

export const pendingSeconds = new Gauge({
  name: 'clockwork_job_pending_age_seconds',
  help: 'How long the jobs that wait have waited since their submission: percentiles.',
  labelNames: BY_PERCENTILE,
  registers,
});

export const clusterNodes = new Gauge({
  name: 'clockwork_nodes',
  help: 'Nodes: state is allocated, mixed, idle, down, or drained where a node takes no new jobs.',
  labelNames: ['cluster', 'state'],
  registers,
});

export const clusterCpus = new Gauge({
  name: 'clockwork_cpus',
  help: 'Processors of all nodes.',
  labelNames: ['cluster'],
  registers,
});

export const allocatedCpus = new Gauge({
  name: 'clockwork_cpus_allocated',
  help: 'Processors that jobs hold.',
  labelNames: ['cluster'],
  registers,
});

const BY_TYPE = ['cluster', 'gpu'];

export const gpus = new Gauge({
  name: 'clockwork_gpus',
  help: 'GPUs of all nodes, by type: those allocated, idle and down together.',
  labelNames: BY_TYPE,
  registers,
});

export const allocatedGpus = new Gauge({
  name: 'clockwork_gpus_allocated',
  help: 'GPUs that jobs hold.',
  labelNames: BY_TYPE,
  registers,
});

export const idleGpus = new Gauge({
  name: 'clockwork_gpus_idle',
  help: 'GPUs that no job holds, of nodes that take jobs.',
  labelNames: BY_TYPE,
  registers,
});

export const downGpus = new Gauge({
  name: 'clockwork_gpus_down',
  help: 'GPUs that no job holds, of nodes that are down or drained.',
  labelNames: BY_TYPE,
  registers,
});
