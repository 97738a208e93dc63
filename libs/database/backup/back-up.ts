import { clockworkVersion, QueueLengths } from '#libs/common';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { type AbstractCursor, type ClientSession, type CollectionInfo, type Db, MongoServerError } from 'mongodb';
import type { OpenDatabase } from '../connection.js';
import { DataVersions } from '../data-versions.js';
import { schemaOf } from '../migrations/migrations.js';
import { Sessions } from '../sessions.js';
import { BackupError, fileError } from './backup-error.js';
import { databaseOf, finishSwap } from './collection-swap.js';
import { type BackedUpCollection, fileOf, MANIFEST, type Manifest, manifestText } from './manifest.js';
import { PacedReport } from './paced-report.js';
import { keptCollections } from './stored-collections.js';

/** Documents fetched at a time; the server bounds an answer to 16 MiB. */
const BATCH = 1000;

/** SnapshotTooOld, SnapshotUnavailable, and a cursor that went with its snapshot (error_codes.yml of the MongoDB server). */
const SNAPSHOT_GONE = new Set<unknown>([239, 246, 43]);

export interface BackupTerms {
  /** Also of a server without snapshots: each collection is then of another moment. */
  inconsistent: boolean;
  /** Told how far it has come, for people. */
  report: (message: string) => void;
}

/**
 * Writes everything that is stored into a directory, as it was at one instant, while the service goes on. It is there
 * whole or not at all: what is not finished has another name.
 * @param directory one that is not there yet, or is empty
 * @throws BackupError
 */
export async function backUp(database: OpenDatabase, directory: string, terms: BackupTerms): Promise<Manifest> {
  if (database.members === 'lone' && !terms.inconsistent) {
    throw new BackupError(
      'This MongoDB is no replica set, and has no snapshots: what is written meanwhile would be in a part of the backup only. ' +
        'End all other processes and give --inconsistent, or make it a replica set of one.',
    );
  }
  const target = resolve(directory);
  try {
    await refuseFilled(target);
    const unfinished = await mkdtemp(`${target}.unfinished-`);
    try {
      const manifest = await new Backup(database, unfinished, terms.report).write();
      await sync(unfinished);
      await rename(unfinished, target);
      await sync(dirname(target));
      return manifest;
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

class Backup {
  private readonly sessions: Sessions;
  private readonly store: Db;
  private readonly begun = performance.now();
  private readonly paced: PacedReport;

  constructor(
    private readonly database: OpenDatabase,
    private readonly directory: string,
    private readonly report: (message: string) => void,
  ) {
    this.sessions = new Sessions(database);
    this.store = databaseOf(database.connection);
    this.paced = new PacedReport(report);
  }

  async write(): Promise<Manifest> {
    const { connection } = this.database;
    await finishSwap(connection, new DataVersions(connection, this.sessions, new QueueLengths()), this.report);
    const taken = new Date();
    const { schema } = await schemaOf(this.store);
    const server = String((await this.store.admin().serverInfo())['version']);
    // One that is made after this is not in the snapshot, and holds nothing that was acknowledged before.
    const present = await keptCollections(this.store);
    const session = this.sessions.snapshot();
    const collections: BackedUpCollection[] = [];
    try {
      for (const collection of present) collections.push(await this.writeCollection(collection, session));
    } catch (error) {
      throw this.snapshotGone(error) ?? error;
    } finally {
      await session?.endSession();
    }
    const manifest = { program: clockworkVersion(), schema, server, taken, consistent: session !== null, collections };
    await this.writeFile(MANIFEST, [Buffer.from(manifestText(manifest))]);
    return { format: 1, ...manifest };
  }

  private async writeCollection(
    { name, options = {} }: CollectionInfo,
    session: ClientSession | null,
  ): Promise<BackedUpCollection> {
    const collection = this.store.collection(name);
    const indexes = await collection.indexes();
    const file = fileOf(name);
    const tally = { documents: 0, bytes: 0 };
    const cursor = collection.find<Buffer>(
      {},
      { raw: true, batchSize: BATCH, ...(session === null ? {} : { session }) },
    );
    const digest = createHash('sha256');
    const hashing = new Transform({
      transform(piece: Buffer, _, done) {
        digest.update(piece);
        done(null, piece);
      },
    });
    await this.writeFile(file, this.documents(name, cursor, tally), createZstdCompress(), hashing);
    return { name, file, options, indexes, ...tally, sha256: digest.digest('hex') };
  }

  private async *documents(
    name: string,
    cursor: AbstractCursor<Buffer>,
    tally: { documents: number; bytes: number },
  ): AsyncGenerator<Buffer, void, undefined> {
    try {
      while (await cursor.hasNext()) {
        const batch = cursor.readBufferedDocuments();
        const bytes = Buffer.concat(batch);
        tally.documents += batch.length;
        tally.bytes += bytes.length;
        this.paced.progress(() => `${name}: ${tally.documents} documents so far`);
        yield bytes;
      }
    } finally {
      await this.sessions.closeCursor(cursor);
    }
  }

  /** It is on the disk when this returns. */
  private async writeFile(
    name: string,
    source: AsyncIterable<Buffer> | Buffer[],
    ...through: Transform[]
  ): Promise<void> {
    const file = createWriteStream(join(this.directory, name), { flags: 'wx', mode: 0o600, flush: true });
    const stages: (NodeJS.ReadWriteStream | NodeJS.WritableStream)[] = [...through, file];
    await pipeline([source, ...stages] as never);
  }

  private snapshotGone(error: unknown): BackupError | null {
    if (!(error instanceof MongoServerError) || !SNAPSHOT_GONE.has(error.code)) return null;
    const seconds = Math.round((performance.now() - this.begun) / 1000);
    return new BackupError(
      `After ${seconds} s the server gave up the instant that was being saved (${error.message}). Nothing was kept. Try again; ` +
        "where it takes longer than the server's minSnapshotHistoryWindowInSeconds (embedded: 30 minutes), raise that.",
    );
  }
}

async function refuseFilled(directory: string): Promise<void> {
  let found: string[];
  try {
    found = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (found.length > 0) throw new BackupError(`${directory} is not empty: name a directory that is not there yet.`);
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
