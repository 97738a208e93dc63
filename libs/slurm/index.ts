/** Reading what Slurm prints: text in, typed records out. It asks nothing of Slurm itself and keeps nothing. */
export { accountingColumns } from './accounting-columns.js';
export type { DocumentReader, ReadingSummary } from './document-reader.js';
export type { JobRecord } from './job-record.js';
export { JOB_OUTCOMES, JOB_PHASES, JOB_STATES, jobPhase, parseJobState } from './job-state.js';
export { jobToSlurmPart } from './job-slurm-part.js';
export type { NodeRecord } from './node-record.js';
export { nodeToSlurmPart } from './node-slurm-part.js';
export { jobReader, nodeReader } from './readers.js';
export { SlurmFormatError } from './slurm-format-error.js';
export type { SlurmValue } from './slurm-part.js';
export { gpusOfTres } from './tres-text.js';
