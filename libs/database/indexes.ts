import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';
import { NAMESPACE_EXISTS, NAMESPACE_NOT_FOUND, READ_FROM_SNAPSHOTS } from './bare-collections.js';
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
    return (await this.missing()).length === 0;
  }

  /** Those that are not there, as `collection.index`. */
  async missing(): Promise<string[]> {
    const checks = Object.values(this.connection.models).map(async ({ collection, schema }) => {
      const present = new Set(await this.namesIn(collection.name));
      const wanted = schema.indexes().map(([, options]) => String(options.name));
      return wanted.filter((name) => !present.has(name)).map((name) => `${collection.name}.${name}`);
    });
    return (await Promise.all(checks)).flat();
  }

  /** None where the collection is not there either. */
  private async namesIn(collection: string): Promise<string[]> {
    try {
      const indexes = await this.calls.run(() => this.connection.collection(collection).indexes());
      return indexes.map(({ name }) => String(name));
    } catch (error) {
      if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
      throw error;
    }
  }

  private async createCollection(name: string): Promise<void> {
    try {
      await this.connection.createCollection(name);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
    }
  }
}
