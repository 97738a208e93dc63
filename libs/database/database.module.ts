import { type DynamicModule, Global, Module } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import { OutageDetector } from '#libs/common';
import { DatabaseCalls } from './database-calls.js';
import type { OpenDatabase } from './connection.js';
import { DataVersions } from './data-versions.js';
import { Indexes } from './indexes.js';
import { Migrations } from './migrations/migrations.js';
import { DatabaseOutageDetector } from './outage.js';
import { Sessions } from './sessions.js';

/** Gives an open database to all modules; who opened it closes it. */
@Global()
@Module({})
export class DatabaseModule {
  static of(database: OpenDatabase): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: getConnectionToken(), useValue: database.connection },
        { provide: OutageDetector, useClass: DatabaseOutageDetector },
        { provide: Sessions, useValue: new Sessions(database) },
        DatabaseCalls,
        DataVersions,
        Indexes,
        Migrations,
      ],
      exports: [getConnectionToken(), OutageDetector, Sessions, DatabaseCalls, DataVersions, Indexes, Migrations],
    };
  }
}
