/** Reading Slurm: how a cluster is asked, and what it prints in, typed records out. Nothing is kept. */
export type { DocumentReader, ReadingSummary } from './document-reader.js';
export type { JobRecord } from './job-record.js';
export { JOB_OUTCOMES, JOB_PHASES, JOB_STATES, jobPhase, parseJobState } from './job-state.js';
export { jobToSlurmPart } from './job-slurm-part.js';
export type { NodeRecord } from './node-record.js';
export { nodeToSlurmPart } from './node-slurm-part.js';
export { jobReader, nodeReader } from './readers.js';
export { SlurmFormatError } from './slurm-format-error.js';
export type { SlurmValue } from './slurm-part.js';
export { openSource } from './sources/open-source.js';
export { type SlurmSource, SourceError, type SourceReading } from './sources/slurm-source.js';
export type {
  CommandSource,
  FileSource,
  SlurmrestdSource,
  SourceConfiguration,
  SourceLimits,
  SshSource,
} from './sources/source-configuration.js';
export { gpusOfTres } from './tres-text.js';
