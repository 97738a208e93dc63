export type { HealthPart, HealthReport } from './health-part.js';
export { HealthModule } from './health.module.js';
export { HealthService } from './health.service.js';
export { Heartbeat } from './heartbeat.service.js';
export { Readiness } from './readiness.js';
export { withoutDatabase } from './without-database.js';
