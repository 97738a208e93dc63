import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { ClientSession, ObjectId } from 'mongodb';
import type { Model } from 'mongoose';
import { DataVersions, insertRaw, LONGEST_WRITE_MS, Sessions } from '#libs/database';
import { ColdJob } from './cold-job.schema.js';
import type { JobKey } from './job-document.js';
import { ofJobs, textKey } from './job-keys.js';
import { type JobOnFile, keyOnFile, ON_FILE } from './job-on-file.js';
import { Job } from './job.schema.js';

/** Whoever puts jobs away need not have these now, and has more to do. */
const PATIENCE_MS = 1_000;
/** Moved in one go: a dict may have a mebibyte. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Sized {
  _id: ObjectId;
  bytes: number;
}

/** A job that may be archived. */
export interface RipeJob extends Sized {
  slurm: JobOnFile['slurm'];
  ended: Date;
}

/**
 * Jobs on their way between `jobs` and the archive. Both ends of a move are of one transaction, and whatever is written to
 * one of the jobs meanwhile breaks it off: it is then tried again with what was written.
 */
@Injectable()
export class ColdJobs {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly versions: DataVersions,
    private readonly sessions: Sessions,
  ) {}

  /** What is archived of these. */
  async onFile(keys: readonly JobKey[]): Promise<Map<string, JobOnFile>> {
    if (keys.length === 0) return new Map();
    const found = await this.cold.collection.find<JobOnFile>(ofJobs(keys), { projection: ON_FILE }).toArray();
    return new Map(found.map((job) => [textKey(keyOnFile(job)), job]));
  }

  /**
   * Moves jobs to the archive, but for those whose id another archived job has: two that wrote the same job for the first
   * time, while the first of these was archived already, have made two of it. It is then the one in `jobs` that counts.
   * @param pick which of `jobs`, at the instant of the transaction
   * @returns those that are archived now
   * @throws DatabaseTimeoutError where others keep them busy
   */
  putAway(pick: (session: ClientSession | undefined) => Promise<RipeJob[]>): Promise<RipeJob[]> {
    return this.transaction(async (session) => {
      const picked = firstWithin(await pick(session), MOST_BYTES);
      if (picked.length === 0) return [];
      const archived = await this.cold.collection
        .find<Pick<JobOnFile, '_id' | 'slurm'>>(ofJobs(picked.map(keyOnFile)), {
          projection: KEY,
          ...inSession(session),
        })
        .toArray();
      const present = new Map(archived.map((job) => [textKey(keyOnFile(job)), job._id]));
      const moved = picked.filter((job) => present.get(textKey(keyOnFile(job)))?.equals(job._id) ?? true);
      const ids = moved.map(({ _id }) => _id);
      // Of those that a lone server has brought back, but not taken out before it was killed.
      await this.cold.collection.deleteMany({ _id: { $in: ids } }, inSession(session));
      await this.move(ids, { from: this.jobs, to: this.cold }, session);
      return moved;
    }, PATIENCE_MS);
  }

  /** Moves jobs back, marked so that they are not archived again at once. Those that are back already stay as they are. */
  async takeBack(ids: readonly ObjectId[]): Promise<void> {
    let left = [...ids];
    while (left.length > 0) {
      const moving = await this.transaction(async (session) => {
        const sized = await this.cold.collection
          .aggregate<Sized>([{ $match: { _id: { $in: left as never[] } } }, { $project: SIZE }], inSession(session))
          .toArray();
        const moved = firstWithin(sized, MOST_BYTES).map(({ _id }) => _id);
        await this.move(moved, { from: this.cold, to: this.jobs }, session);
        const mark = { $set: { 'source.returned': new Date() } };
        await this.jobs.collection.updateMany({ _id: { $in: moved } }, mark, inSession(session));
        return moved;
      });
      if (moving.length === 0) return;
      const done = new Set(moving.map((id) => id.toHexString()));
      left = left.filter((id) => !done.has(id.toHexString()));
    }
  }

  /** All of these, or none. The documents pass through as BSON: made into objects, some dicts would become others. */
  private async move(
    ids: readonly ObjectId[],
    { from, to }: { from: Model<Job>; to: Model<Job> },
    session: ClientSession | undefined,
  ): Promise<void> {
    if (ids.length === 0) return;
    const filter = { _id: { $in: ids as never[] } };
    const documents = await from.collection.find<Buffer>(filter, { raw: true, ...inSession(session) }).toArray();
    const store = to.db.db;
    if (store === undefined) throw new Error('the connection is closed');
    const insert = () => insertRaw(store, to.collection.collectionName, documents, session);
    // First what another transaction on the same jobs breaks off; on a lone server first what loses nothing if cut off.
    if (session === undefined) await insert();
    await from.collection.deleteMany(filter, inSession(session));
    if (session !== undefined) await insert();
  }

  private transaction<T>(writes: (session: ClientSession | undefined) => Promise<T>, patienceMs?: number): Promise<T> {
    return this.versions.change('jobs', () => this.sessions.transaction(LONGEST_WRITE_MS, writes, patienceMs));
  }
}

const KEY = { 'slurm.cluster_name': 1, 'slurm.job_id': 1 };

export const SIZE = { bytes: { $bsonSize: '$$ROOT' } };

export function inSession(session: ClientSession | undefined) {
  return session === undefined ? { maxTimeMS: LONGEST_WRITE_MS } : { session, maxTimeMS: LONGEST_WRITE_MS };
}

/** As many as are small enough together; one at least. */
function firstWithin<T extends Sized>(jobs: readonly T[], most: number): T[] {
  let bytes = 0;
  return jobs.filter((job, position) => (bytes += job.bytes) <= most || position === 0);
}
