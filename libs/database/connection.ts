import mongoose, { type Connection } from 'mongoose';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import type { Configuration } from '#libs/common';
import { acquireEmbeddedDatabase } from './embedded/index.js';
import { MAJORITY } from './majority.js';
import { TIMED_COMMANDS } from './timed-connection.js';
import { watchPool } from './watched-pool.js';

/** Used where the connection string names no database. */
const DEFAULT_DATABASE = 'clockwork';

const OPTIONS = {
  appName: 'clockwork',
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 64,
  // A call given up at its deadline must not stay in the pool's queue for long.
  waitQueueTimeoutMS: 20_000,
  writeConcern: MAJORITY,
} satisfies MongoClientOptions;

export interface OpenDatabase {
  connection: Connection;
  /** What `clockwork db status` shows of where the data is. */
  kind: 'embedded' | 'external';
  /** Of the embedded database, its directory; null where it is external. */
  dataDir: string | null;
  /**
   * `lone`: a server without replication, which has neither snapshots nor transactions; `single`: a replica set of one,
   * which never takes back what it has seen; `several`: a larger one, or a sharded cluster.
   */
  members: 'lone' | 'single' | 'several';
  close(): Promise<void>;
}

/** The database could not be had at the start; the message says what to look at. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
}

/**
 * Connects to the configured database, or starts or joins the embedded one.
 * @param report told what is waited for, for people
 * @param options whether the embedded one may be started where it does not run: not for a mere look
 */
export async function openDatabase(
  configuration: Configuration,
  report: (message: string) => void,
  { mayStart = true }: { mayStart?: boolean } = {},
): Promise<OpenDatabase> {
  if (configuration.mongodbUri !== undefined) {
    const { connection, members } = await connectExternal(
      configuration.mongodbUri,
      configuration.lifecycle.databaseWaitMs,
      report,
    );
    return { connection, kind: 'external', dataDir: null, members, close: () => connection.close() };
  }
  const lease = await acquireEmbeddedDatabase({
    dataDir: configuration.dataDir,
    mongodPath: configuration.mongodPath,
    mayStart,
    report,
  });
  try {
    const connection = await connect(lease.uri, {});
    return {
      connection,
      kind: 'embedded',
      dataDir: configuration.dataDir,
      members: 'single',
      close: async () => {
        await connection.close();
        await lease.release();
      },
    };
  } catch (error) {
    await lease.release();
    throw new DatabaseUnreachableError(
      `The embedded database in ${configuration.dataDir} does not answer: ${reasonOf(error)}. Its log is there, mongod.log.`,
    );
  }
}

async function connectExternal(
  uri: string,
  waitMs: number,
  report: (message: string) => void,
): Promise<Pick<OpenDatabase, 'connection' | 'members'>> {
  const patienceEnds = performance.now() + waitMs;
  for (;;) {
    try {
      const members = await membersOf(uri);
      // A server that is not part of a replica set cannot retry writes, and says so only at the first one.
      return { connection: await connect(uri, members === 'lone' ? { retryWrites: false } : {}), members };
    } catch (error) {
      const reason = reasonOf(error);
      const leftMs = patienceEnds - performance.now();
      if (leftMs <= 0 || !(error instanceof Error) || error.name !== 'MongoServerSelectionError') {
        throw new DatabaseUnreachableError(
          `The database of MONGODB_URI cannot be used: ${reason}. Check that it runs, and that the address, user and password are right.`,
        );
      }
      report(`Waiting for the database of MONGODB_URI, ${Math.ceil(leftMs / 1000)} s at most: ${reason}`);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function membersOf(uri: string): Promise<OpenDatabase['members']> {
  const client = await MongoClient.connect(uri, OPTIONS);
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello['msg'] === 'isdbgrid') return 'several';
    if (hello['setName'] === undefined) return 'lone';
    return Array.isArray(hello['hosts']) && hello['hosts'].length === 1 ? 'single' : 'several';
  } finally {
    await client.close();
  }
}

async function connect(uri: string, options: MongoClientOptions): Promise<Connection> {
  const named = new URL(uri.replace(/^mongodb(\+srv)?:\/\/[^/]*/, 'http://host')).pathname.length > 1;
  const connection = mongoose.createConnection(uri, {
    ...OPTIONS,
    ...TIMED_COMMANDS,
    ...options,
    ...(named ? {} : { dbName: DEFAULT_DATABASE }),
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  });
  // From its first connection on.
  watchPool(connection.getClient());
  return connection.asPromise();
}
