import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';
import { NAMESPACE_EXISTS, READ_FROM_SNAPSHOTS } from './bare-collections.js';
import { DatabaseCalls } from './database-calls.js';

/** Creates the collections and the indexes that the schemas declare, and tells whether these are there. */
@Injectable()
export class Indexes {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly calls: DatabaseCalls,
  ) {}

  /** Creating an index that exists does nothing; several processes may do it at once. */
  async create(): Promise<void> {
    for (const model of Object.values(this.connection.models)) {
      await model.createCollection();
      await model.createIndexes();
    }
    for (const name of READ_FROM_SNAPSHOTS) await this.createCollection(name);
  }

  /** Whether the database answers and has every index: without them answers would be slow and duplicates possible. */
  async complete(): Promise<boolean> {
    const checks = Object.values(this.connection.models).map(async (model) => {
      const present = await this.calls.run(() => model.collection.indexes());
      const names = new Set(present.map(({ name }) => name));
      return model.schema.indexes().every(([, options]) => names.has(String(options.name)));
    });
    return (await Promise.all(checks)).every(Boolean);
  }

  private async createCollection(name: string): Promise<void> {
    try {
      await this.connection.createCollection(name);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
    }
  }
}
