/** Reading what Slurm prints: text in, typed records out. It asks nothing of Slurm itself and keeps nothing. */
export type { JobRecord } from './job-record.js';
export {
  JOB_OUTCOMES,
  JOB_PHASES,
  JOB_STATES,
  type JobOutcome,
  jobPhase,
  type JobPhase,
  parseJobState,
} from './job-state.js';
export { jobToSlurmPart } from './job-slurm-part.js';
export type { NodeRecord } from './node-record.js';
export { nodeToSlurmPart } from './node-slurm-part.js';
export type { Reading, SkippedRecord } from './reading.js';
export { readSacctJson } from './sacct-json.js';
export { readSinfoJson } from './sinfo-json.js';
export { SlurmFormatError } from './slurm-format-error.js';
export type { ClusterDescription, SlurmValue } from './slurm-part.js';
export { readSqueueJson } from './squeue-json.js';
