export type { JobInput } from './job-input.js';
export { JobNames } from './job-names.service.js';
export { FILLED_IN, jobInput } from './job-record.js';
export { JobWriter, type JobWriteOutcome } from './job-writer.js';
export { JobsModule } from './jobs.module.js';
export { JobsService } from './jobs.service.js';
