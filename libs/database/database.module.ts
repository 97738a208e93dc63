import { type DynamicModule, Global, Module } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import { OutageDetector, QueueLengths } from '#libs/common';
import { DatabaseCalls } from './database-calls.js';
import type { OpenDatabase } from './connection.js';
import { DatabaseProbe } from './database-probe.js';
import { DataVersions } from './data-versions.js';
import { Indexes } from './indexes.js';
import { Migrations } from './migrations/migrations.js';
import { DatabaseOutageDetector } from './outage.js';
import { PoolQueue } from './pool-queue.js';
import { Sessions } from './sessions.js';

/** Gives an open database to all modules; who opened it closes it. */
@Global()
@Module({})
export class DatabaseModule {
  static of(database: OpenDatabase): DynamicModule {
    const queues = new QueueLengths();
    const checkouts = new PoolQueue(database.connection.getClient());
    queues.add('pool_checkouts', () => checkouts.length);
    return {
      module: DatabaseModule,
      providers: [
        { provide: getConnectionToken(), useValue: database.connection },
        { provide: OutageDetector, useClass: DatabaseOutageDetector },
        { provide: Sessions, useValue: new Sessions(database) },
        { provide: QueueLengths, useValue: queues },
        {
          provide: DatabaseProbe,
          useFactory: (indexes: Indexes, calls: DatabaseCalls) => new DatabaseProbe(database, indexes, calls),
          inject: [Indexes, DatabaseCalls],
        },
        DatabaseCalls,
        DataVersions,
        Indexes,
        Migrations,
      ],
      exports: [
        getConnectionToken(),
        OutageDetector,
        QueueLengths,
        Sessions,
        DatabaseCalls,
        DatabaseProbe,
        DataVersions,
        Indexes,
        Migrations,
      ],
    };
  }
}
