/** All that an entry can tell of: nothing else is recorded. */
export const AUDIT_ACTIONS = [
  'user.add',
  'user.change',
  'user.disable',
  'user.enable',
  'key.create',
  'key.revoke',
  'admin.refuse',
  'data.import',
  'data.restore',
  'data.archive',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
