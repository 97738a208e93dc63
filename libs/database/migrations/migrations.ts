import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Db, type Document, MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';
import { clockworkVersion } from '#libs/common';
import { MIGRATIONS } from '../bare-collections.js';
import { finishSwap } from '../backup/collection-swap.js';
import { DataVersions } from '../data-versions.js';
import { DUPLICATE_KEY } from '../duplicate-key.js';
import { type HeldLease, withMaintenanceLease } from '../maintenance/maintenance-lease.js';
import { markLiveJobs } from './1-live-jobs.js';
import type { Migration } from './migration.js';

/** All that there are, in order. */
const ALL: readonly Migration[] = [markLiveJobs];

/** What this program stores is stored so since the last of its migrations. */
export const SCHEMA = ALL.length;

/** A process waits so long for another one that migrates. */
const PATIENCE_MS = 10 * 60_000;

interface MigrationRecord {
  _id: number;
  what: string;
  /** The version of Clockwork that did it. */
  program: string;
  started: Date;
  finished: Date | null;
  progress: Document | null;
}

/** The database was changed by a later version of Clockwork, which this one does not know. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Brings what is stored to what this program knows, at the start and before anything else is done with it. */
@Injectable()
export class Migrations {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly versions: DataVersions,
  ) {}

  /**
   * One read of each of two small collections where nothing is to do. Of several processes one works, and the others wait;
   * where that one dies, another goes on from where it was.
   * @param report told what is done or waited for, for people
   * @throws SchemaTooNewError
   */
  async run(report: (message: string) => void, migrations = ALL): Promise<void> {
    await finishSwap(this.connection, this.versions, report);
    if ((await this.pending(migrations)).length === 0) return;
    const terms = { doing: 'migrating the database', patienceMs: PATIENCE_MS, report };
    await withMaintenanceLease(this.connection, terms, async (lease) => {
      for (const migration of await this.pending(migrations)) await this.carryOut(migration, lease, report);
    });
  }

  private async pending(migrations: readonly Migration[]): Promise<Migration[]> {
    const found = await this.records.find().sort({ _id: -1 }).toArray();
    const [last] = found;
    if (last !== undefined && last._id > migrations.length) {
      throw new SchemaTooNewError(
        `The database has schema ${last._id}, made by Clockwork ${last.program}; this is Clockwork ${clockworkVersion()}, which knows schema ${migrations.length}. ` +
          'Start that version or a later one, or put back a backup of before with "clockwork db restore DIR --replace".',
      );
    }
    const done = new Set(found.filter(({ finished }) => finished !== null).map(({ _id }) => _id));
    return migrations.filter(({ number }) => !done.has(number));
  }

  private async carryOut({ number, what, run }: Migration, lease: HeldLease, report: (message: string) => void) {
    lease.check();
    const before = await this.begin(number, what);
    const isEmpty = (await this.store.collection('jobs').findOne({}, { projection: { _id: 1 } })) === null;
    // A new database has nothing to migrate, and nobody has to be told of that.
    if (!isEmpty)
      report(`Migration ${number}: ${what}${before.progress === null ? '' : ', from where it was cut off'}`);
    await run({
      database: this.store,
      progress: before.progress,
      save: async (progress) => {
        lease.check();
        await this.records.updateOne({ _id: number }, { $set: { progress } });
      },
      change: (data, write) => this.versions.change(data, write),
    });
    lease.check();
    await this.records.updateOne({ _id: number }, { $set: { finished: new Date(), program: clockworkVersion() } });
  }

  /** One that was cut off keeps what it saved. */
  private async begin(number: number, what: string): Promise<MigrationRecord> {
    const record = { what, program: clockworkVersion(), started: new Date(), finished: null, progress: null };
    try {
      await this.records.insertOne({ _id: number, ...record });
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    }
    return (await this.records.findOne({ _id: number })) ?? { _id: number, ...record };
  }

  private get records() {
    return this.connection.collection<MigrationRecord>(MIGRATIONS);
  }

  private get store(): Db {
    if (this.connection.db === undefined) throw new Error('the connection is closed');
    return this.connection.db;
  }
}

/** The schema of a database, whichever program's; 0 where nothing was ever noted. */
export async function schemaOf(store: Db): Promise<{ schema: number; program: string | null }> {
  const last = await store
    .collection<MigrationRecord>(MIGRATIONS)
    .findOne({ finished: { $ne: null } }, { sort: { _id: -1 } });
  return { schema: last?._id ?? 0, program: last?.program ?? null };
}
