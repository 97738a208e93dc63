import { clockworkVersion, QueueLengths } from '#libs/common';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { Db, IndexDescription } from 'mongodb';
import { COUNTERS } from '../bare-collections.js';
import type { OpenDatabase } from '../connection.js';
import { DataVersions } from '../data-versions.js';
import { type HeldLease, withMaintenanceLease } from '../maintenance/maintenance-lease.js';
import { SCHEMA } from '../migrations/migrations.js';
import { Sessions } from '../sessions.js';
import { BackupError, fileError } from './backup-error.js';
import { beginSwap, databaseOf, finishSwap, type MergedLog, namesIn, STAGED } from './collection-swap.js';
import { splitDocuments } from './document-splitter.js';
import { type BackedUpCollection, type Manifest, readManifest } from './manifest.js';
import { PacedReport } from './paced-report.js';
import { insertRaw } from './raw-insert.js';
import { collectionsWithData, keptCollections } from './stored-collections.js';

const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;
const PATIENCE_MS = 60_000;

/** Numbers that may be given out while a restore puts the collections in their places. */
const MOST_NUMBERS_MEANWHILE = 1_000_000;

export interface RestoreTerms {
  /** Takes the place of what is there. */
  replace: boolean;
  /** What does not give way: the log of what was done, and the entry that tells of this restore. */
  log: { collection: string; entry: (manifest: Manifest) => MergedLog['entry'] };
  report: (message: string) => void;
}

/**
 * Brings a backup back. All of it is looked through, and stored beside what is there, before anything of that is touched;
 * then it takes the place of it. Cut off before that, nothing has changed; cut off meanwhile, the next start of any process
 * on the database finishes it.
 * @throws BackupError
 */
export async function restore(database: OpenDatabase, directory: string, terms: RestoreTerms): Promise<Manifest> {
  const { connection } = database;
  const manifest = await readManifest(directory);
  if (manifest.schema > SCHEMA) {
    throw new BackupError(
      `The backup has schema ${manifest.schema}, of Clockwork ${manifest.program}; this is Clockwork ${clockworkVersion()}, which knows schema ${SCHEMA}. Restore it with that version or a later one.`,
    );
  }
  for (const collection of manifest.collections) await verify(directory, collection);
  const versions = new DataVersions(connection, new Sessions(database), new QueueLengths());
  await finishSwap(connection, versions, terms.report);
  const store = databaseOf(connection);
  const log = { collection: terms.log.collection, entry: terms.log.entry(manifest) };
  if (!terms.replace) await refuseFilled(store, log.collection);
  const leaseTerms = { doing: 'restoring a backup', patienceMs: PATIENCE_MS, report: terms.report };
  await withMaintenanceLease(connection, leaseTerms, async (lease) => {
    await removeStaged(store);
    try {
      const staging = new Staging(store, directory, lease, terms.report);
      for (const collection of manifest.collections) await staging.load(collection);
      await keepCounting(store);
    } catch (error) {
      await removeStaged(store).catch(() => undefined); // the next restore does
      throw error;
    }
    const givesWay = ({ name }: { name: string }): boolean => name !== log.collection;
    const restored = manifest.collections.filter(givesWay).map(({ name }) => name);
    const present = (await keptCollections(store)).filter(givesWay).map(({ name }) => name);
    const dropped = present.filter((name) => !restored.includes(name));
    // It may have been filled meanwhile.
    if (!terms.replace) await refuseFilled(store, log.collection);
    lease.check();
    await beginSwap(connection, versions, { _id: 'swap', restored, dropped, log });
  });
  return manifest;
}

/** Stores collections of a backup beside those that are there. */
class Staging {
  private readonly paced: PacedReport;

  constructor(
    private readonly store: Db,
    private readonly directory: string,
    private readonly lease: HeldLease,
    report: (message: string) => void,
  ) {
    this.paced = new PacedReport(report);
  }

  async load({ name, file, options, indexes, documents }: BackedUpCollection): Promise<void> {
    const staged = STAGED + name;
    await this.store.createCollection(staged, options);
    let stored = 0;
    const insert = async (batch: readonly Buffer[]): Promise<void> => {
      if (batch.length === 0) return;
      this.lease.check();
      await insertRaw(this.store, staged, batch);
      stored += batch.length;
      this.paced.progress(() => `${name}: ${stored} of ${documents} documents`);
    };
    try {
      await pipeline(
        createReadStream(join(this.directory, file)),
        createZstdDecompress(),
        async (source: AsyncIterable<Buffer>) => {
          let batch: Buffer[] = [];
          let bytes = 0;
          for await (const document of splitDocuments(source)) {
            batch.push(document);
            bytes += document.length;
            if (batch.length < BATCH_DOCUMENTS && bytes < BATCH_BYTES) continue;
            await insert(batch);
            batch = [];
            bytes = 0;
          }
          await insert(batch);
        },
      );
    } catch (error) {
      throw error instanceof BackupError ? new BackupError(`${file}: ${error.message}`) : error;
    }
    if (stored !== documents) {
      throw new BackupError(`${file}: it holds ${stored} documents, and the manifest says ${documents}`);
    }
    const made = indexes.filter((index) => index['name'] !== '_id_') as IndexDescription[];
    if (made.length > 0) await this.store.command({ createIndexes: staged, indexes: made });
  }
}

/** @throws BackupError where a file is not what it was */
async function verify(directory: string, { file, sha256 }: BackedUpCollection): Promise<void> {
  const path = join(directory, file);
  const digest = createHash('sha256');
  try {
    await pipeline(createReadStream(path), digest);
  } catch (error) {
    throw fileError(error) ?? error;
  }
  if (digest.digest('hex') !== sha256) {
    throw new BackupError(`${path} is damaged: its SHA-256 is not that of the manifest. Nothing was restored.`);
  }
}

/** @param log it would lose nothing */
async function refuseFilled(store: Db, log: string): Promise<void> {
  const filled = (await collectionsWithData(store)).filter((name) => name !== log);
  if (filled.length === 0) return;
  throw new BackupError(
    `The database ${store.databaseName} holds data already (${filled.join(', ')}). Name another one with MONGODB_URI or CLOCKWORK_DATA_DIR, or give --replace: then all of it gives way to the backup.`,
  );
}

async function removeStaged(store: Db): Promise<void> {
  for (const name of await namesIn(store)) if (name.startsWith(STAGED)) await store.dropCollection(name);
}

/** A page cursor that is out there holds the number of a move: none of those to come may be one that it knows. */
async function keepCounting(store: Db): Promise<void> {
  for (const { _id, value } of await store.collection<{ _id: string; value: number }>(COUNTERS).find().toArray()) {
    await store
      .collection<{ _id: string; value: number }>(STAGED + COUNTERS)
      .updateOne({ _id }, { $max: { value: value + MOST_NUMBERS_MEANWHILE } }, { upsert: true });
  }
}
