import type { EnvironmentReader } from './environment-reader.js';

export interface AuditConfiguration {
  /** Entries older than this are taken out. */
  keptMs: number;
}

export function readAudit(reader: EnvironmentReader): AuditConfiguration {
  return { keptMs: reader.duration('CLOCKWORK_AUDIT_KEEP', { from: '1d', to: '9999d' }, '730d') };
}
