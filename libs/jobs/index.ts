export { keyOf } from './job-document.js';
export type { JobInput } from './job-input.js';
export { JobNames } from './job-names.service.js';
export type { JobOrigin } from './job-origin.js';
export { jobInput } from './job-record.js';
export { JobWriter, type JobWriteOutcome } from './job-writer.js';
export { LiveJobs } from './live-jobs.service.js';
export { JobsModule } from './jobs.module.js';
export { JobsService } from './jobs.service.js';
