import { ObjectId } from 'mongodb';
import { auditCursor, readAuditCursor } from './audit-cursor.js';

describe('a cursor of the audit log', () => {
  it('leads back to its place', () => {
    const place = { at: new Date('2026-01-05T14:00:00.123Z'), _id: new ObjectId() };
    expect(readAuditCursor(auditCursor(place))).toEqual(place);
  });

  it.each([
    '',
    '1',
    '1-',
    '-695bc1a0f71948de3496ee28',
    '1-695BC1A0F71948DE3496EE28',
    '1-695bc1a0f71948de3496ee2',
    'x-y',
  ])('is not %j', (text) => {
    expect(readAuditCursor(text)).toBeNull();
  });
});
