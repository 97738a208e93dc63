import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Model } from 'mongoose';
import { AuditEntry } from './audit-entry.schema.js';

const INDEX = 'retention';
/** The server's code for an index that is there with other options (error_codes.yml of the MongoDB server). */
const INDEX_OPTIONS_CONFLICT = 85;

/** How long entries stay: the server takes out older ones by itself, within about a minute. */
@Injectable()
export class AuditRetention {
  constructor(@InjectModel(AuditEntry.name) private readonly entries: Model<AuditEntry>) {}

  /** What an earlier start has set is changed. */
  async apply(keptMs: number): Promise<void> {
    const { collection } = this.entries;
    const expireAfterSeconds = keptMs / 1000;
    try {
      await collection.createIndex({ at: 1 }, { name: INDEX, expireAfterSeconds }, undefined);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== INDEX_OPTIONS_CONFLICT) throw error;
      const index = { name: INDEX, expireAfterSeconds };
      await this.entries.db.db?.command({ collMod: collection.collectionName, index });
    }
  }
}
