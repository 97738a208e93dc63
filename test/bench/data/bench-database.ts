import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { acquireEmbeddedDatabase } from '#libs/database/embedded';

/** The server that all sides of a comparison talk to. */
export interface ServerFacts {
  version: string;
  pid: number;
}

/** A mongod of its own, with its data in a directory that goes with it. */
export class BenchDatabase {
  private readonly lease: Awaited<ReturnType<typeof acquireEmbeddedDatabase>>;
  private readonly client: MongoClient;
  /** Of temporary files, logs among them. */
  readonly directory: string;

  private constructor(directory: string, lease: BenchDatabase['lease'], client: MongoClient) {
    this.directory = directory;
    this.lease = lease;
    this.client = client;
  }

  static async open(report: (message: string) => void): Promise<BenchDatabase> {
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-bench-'));
    try {
      const dataDir = join(directory, 'data');
      const lease = await acquireEmbeddedDatabase({ dataDir, mongodPath: process.env['MONGOD'], report });
      return new BenchDatabase(directory, lease, new MongoClient(lease.uri));
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** A connection string as MONGODB_URI takes it. */
  uri(database: string): string {
    const [base = '', options = ''] = this.lease.uri.split('/?');
    return `${base}/${database}?${options}`;
  }

  db(database: string): Db {
    return this.client.db(database);
  }

  async facts(): Promise<ServerFacts> {
    const { version, pid } = await this.client.db('admin').command({ serverStatus: 1 });
    return { version: String(version), pid: Number(pid) };
  }

  /** The program that it runs, for another of the same. */
  async binary(): Promise<string> {
    const { argv } = await this.client.db('admin').command({ getCmdLineOpts: 1 });
    return String((argv as unknown[])[0]);
  }

  async remove(): Promise<void> {
    await this.client.close();
    await this.lease.release();
    await rm(this.directory, { recursive: true, force: true });
  }
}
