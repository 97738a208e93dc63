import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import { ProcessRecord } from './process-record.schema.js';

/** A process that was killed is told of for this long. */
const KEPT_MS = 60_000;
const MOST_PROCESSES = 200;
/** It is written again in a moment: nobody waits for it to be on the disk. */
const LIGHTLY = { writeConcern: { w: 1, journal: false } } as const;

/** What running processes say of themselves, for each other and for the command line. */
@Injectable()
export class ProcessRecords {
  constructor(
    @InjectModel(ProcessRecord.name) private readonly records: Model<ProcessRecord>,
    private readonly calls: DatabaseCalls,
  ) {}

  async write({ _id, ...fields }: Omit<ProcessRecord, 'seen_at' | 'expires_at'>): Promise<void> {
    const literal = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { $literal: value }]));
    const expires_at = { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: KEPT_MS } };
    const update = [{ $set: { ...literal, seen_at: '$$NOW', expires_at } }];
    await this.calls.run(() =>
      this.records.collection.updateOne({ _id: _id as never }, update, { upsert: true, ...LIGHTLY }),
    );
  }

  async remove(id: string): Promise<void> {
    await this.calls.run(() => this.records.collection.deleteOne({ _id: id as never }, LIGHTLY));
  }

  /** The API's first, then by name. */
  list(): Promise<ProcessRecord[]> {
    return this.calls.run(() => this.records.find().sort({ kind: 1, name: 1 }).limit(MOST_PROCESSES).lean());
  }
}
