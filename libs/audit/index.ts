export { type Actor, collectorActor, commandActor } from './actor.js';
export { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';
export { auditCursor, readAuditCursor } from './audit-cursor.js';
export { AUDIT_COLLECTION, type AuditedFields } from './audit-entry.schema.js';
export { auditEntry, AuditLog, type AuditRecord, shownAuditEntry } from './audit-log.js';
export { AuditModule } from './audit.module.js';
export { AuditRetention } from './audit-retention.js';
export { sinceInstant } from './since.js';
