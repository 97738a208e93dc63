import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type ClientSession, type Document, type Filter, ObjectId } from 'mongodb';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import type { Actor } from './actor.js';
import type { AuditAction } from './audit-actions.js';
import { AuditEntry, type AuditedFields } from './audit-entry.schema.js';
import type { AuditPlace } from './audit-cursor.js';

/** A target is a name, but names come from outside. */
const LONGEST_TARGET = 512;

export interface AuditRecord {
  actor: Actor;
  what: AuditAction;
  target: string;
  /** Never a secret, nor what one could be found by. */
  before?: AuditedFields | null;
  after?: AuditedFields | null;
}

export interface AuditQuestion {
  since?: Date | undefined;
  /** An e-mail address, or the operating system's user of a command. */
  who?: string | undefined;
  what?: AuditAction | undefined;
  /** Only what stands behind this place. */
  before?: AuditPlace | undefined;
  limit: number;
}

/** An entry as it is shown. */
export type ShownAuditEntry = Omit<AuditEntry, '_id'> & { id: string };

/** What administrators have done, and who was refused to. It can be added to and read, and nothing else. */
@Injectable()
export class AuditLog {
  constructor(
    @InjectModel(AuditEntry.name) private readonly entries: Model<AuditEntry>,
    private readonly calls: DatabaseCalls,
  ) {}

  /** @param session of the transaction that makes the change, so that neither is there without the other */
  async record(record: AuditRecord, session?: ClientSession): Promise<void> {
    await this.entries.collection.insertOne(auditEntry(record), session === undefined ? {} : { session });
  }

  /** Newest first. */
  async list({ since, who, what, before, limit }: AuditQuestion): Promise<AuditEntry[]> {
    const conditions: Filter<Document>[] = [];
    if (since !== undefined) conditions.push({ at: { $gte: since } });
    if (who !== undefined) conditions.push({ $or: [{ 'who.email': who.toLowerCase() }, { 'who.os_user': who }] });
    if (what !== undefined) conditions.push({ what });
    if (before !== undefined) {
      conditions.push({ at: { $lte: before.at } });
      conditions.push({ $or: [{ at: { $lt: before.at } }, { _id: { $lt: before._id } }] });
    }
    const filter = conditions.length === 0 ? {} : { $and: conditions };
    return this.calls.run(() =>
      this.entries.collection.find<AuditEntry>(filter).sort({ at: -1, _id: -1 }).limit(limit).toArray(),
    );
  }
}

/** An entry of now, to be added to the log. */
export function auditEntry({ actor, what, target, before, after }: AuditRecord) {
  return {
    _id: new ObjectId(),
    at: new Date(),
    who: actor.who,
    what,
    target: target.slice(0, LONGEST_TARGET),
    from: actor.from,
    request_id: actor.request_id,
    before: before ?? null,
    after: after ?? null,
  };
}

export function shownAuditEntry(entry: AuditEntry): ShownAuditEntry {
  const { _id, at, who, what, target, from, request_id, before, after } = entry;
  return { id: _id.toHexString(), at, who, what, target, before, after, from, request_id };
}
