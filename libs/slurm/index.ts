/** Reading what Slurm prints: text in, typed records out. It asks nothing of Slurm itself and keeps nothing. */
export { JOB_OUTCOMES, JOB_PHASES, JOB_STATES, jobPhase, parseJobState } from './job-state.js';
export { jobToSlurmPart } from './job-slurm-part.js';
export { nodeToSlurmPart } from './node-slurm-part.js';
export { readSacctJson } from './sacct-json.js';
export { readSinfoJson } from './sinfo-json.js';
export { SlurmFormatError } from './slurm-format-error.js';
export type { SlurmValue } from './slurm-part.js';
export { readSqueueJson } from './squeue-json.js';
export type {
  CommandSource,
  FileSource,
  SlurmrestdSource,
  SourceConfiguration,
  SourceLimits,
  SshSource,
} from './sources/source-configuration.js';
export type { SourceReading } from './sources/slurm-source.js';
