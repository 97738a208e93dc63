import { ObjectId } from 'mongodb';
import type { AuditEntry } from './audit-entry.schema.js';

/** An entry's place in the order of the list. */
export type AuditPlace = Pick<AuditEntry, 'at' | '_id'>;

/** Tells a place by itself, so that it holds also when the entry has been taken out. */
export function auditCursor({ at, _id }: AuditPlace): string {
  return `${at.getTime()}-${_id.toHexString()}`;
}

/** @returns null for what is no cursor */
export function readAuditCursor(text: string): AuditPlace | null {
  const [, at, id] = /^(\d{1,15})-([0-9a-f]{24})$/.exec(text) ?? [];
  return at === undefined || id === undefined ? null : { at: new Date(Number(at)), _id: new ObjectId(id) };
}
