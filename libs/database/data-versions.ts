import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type ClientSession, MongoServerError, ObjectId } from 'mongodb';
import type { Connection } from 'mongoose';
import { QueueLengths } from '#libs/common';
import { VERSIONS } from './bare-collections.js';
import { isDatabaseOutage } from './outage.js';
import { Sessions } from './sessions.js';
import { SilentWindows } from './silent-windows.js';
import { type WindowRecord, WriteWindow } from './write-window.js';

/** What has a version of its own: a collection whose documents lists show. */
export type VersionedData = 'jobs' | 'nodes' | 'gpu';

/** A write that takes longer is ended by the server, so that a window found dead holds none that is still to come. */
export const LONGEST_WRITE_MS = 20_000;

interface VersionDocument {
  _id: VersionedData;
  /** Tells these numbers from those of another database, and from those before a start of an API. */
  series: ObjectId;
  number: number;
  /** The windows in which writes are under way, each with a number that goes up while it is in use. */
  open?: Record<string, number>;
}

/**
 * Versions of what is stored: equal versions mean equal data. Every write is enclosed in a window, whose opening is seen
 * before the write can be and whose closing gives a new version after it. In between there is no version: a reader of
 * one snapshot cannot know whether it has the write.
 */
@Injectable()
export class DataVersions {
  private readonly windows = new Map<VersionedData, WriteWindow>();
  private readonly silent = new SilentWindows();

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly sessions: Sessions,
    queues: QueueLengths,
  ) {
    queues.add('write_windows', () => [...this.windows.values()].reduce((sum, { writes }) => sum + writes, 0));
  }

  /**
   * Makes a change of what is stored. All that are made go through here.
   * @param write ended by the server after LONGEST_WRITE_MS, and settled when it is over
   */
  change<T>(data: VersionedData, write: () => Promise<T>): Promise<T> {
    let window = this.windows.get(data);
    if (window === undefined) {
      window = new WriteWindow(this.recordOf(data), isInDoubt);
      this.windows.set(data, window);
    }
    return window.around(write);
  }

  /**
   * No version from here on is one of before. For the start of whoever gives versions away: files or a dump that were put
   * back since then go on from an older number, and nothing in them tells.
   */
  async renewSeries(): Promise<void> {
    await this.versions.updateMany({}, { $set: { series: new ObjectId() } });
  }

  /**
   * The version in a session's snapshot.
   * @returns null while something is being written, and before anything ever was
   */
  async read(data: VersionedData, session: ClientSession): Promise<string | null> {
    const document = await this.versions.findOne({ _id: data }, { session });
    if (document === null) return null;
    const open = document.open ?? {};
    const silent = this.silent.among(data, open);
    if (silent.length > 0) await this.closeDead(data, open, silent);
    return Object.keys(open).length === 0 ? `${document.series.toHexString()}.${document.number}` : null;
  }

  private recordOf(data: VersionedData): WindowRecord {
    return {
      open: async (window) => {
        await this.versions.updateOne(
          { _id: data },
          { $set: { [`open.${window}`]: 0 }, $setOnInsert: { series: new ObjectId(), number: 0 } },
          { upsert: true, writeConcern: this.sessions.orderOnly },
        );
      },
      renew: async (window) => {
        // One that others took for dead, while this process was suspended, is opened again.
        await this.versions.updateOne({ _id: data }, { $inc: { [`open.${window}`]: 1 } });
      },
      close: (window) => this.close(data, [window], {}),
    };
  }

  /** What a process that died has left open; whoever else finds it dead may have closed it, or a sign of life come. */
  private async closeDead(data: VersionedData, open: Record<string, number>, dead: readonly string[]): Promise<void> {
    await this.close(data, dead, Object.fromEntries(dead.map((window) => [`open.${window}`, open[window]])));
  }

  private async close(data: VersionedData, windows: readonly string[], condition: object): Promise<void> {
    const closed = Object.fromEntries(windows.map((window) => [`open.${window}`, 1 as const]));
    // Readers take what a majority has. A closing that is taken back leaves a window that others find dead.
    const writeConcern = this.sessions.unhurried;
    await this.versions.updateOne(
      { _id: data, ...condition },
      { $inc: { number: 1 }, $unset: closed },
      { writeConcern },
    );
  }

  private get versions() {
    return this.connection.collection<VersionDocument>(VERSIONS);
  }
}

/** An answer of the server's tells that the write is over, unless it says that it was given up half way. */
function isInDoubt(error: unknown): boolean {
  return !(error instanceof MongoServerError) || isDatabaseOutage(error);
}
