import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Document, Filter, ObjectId, UpdateFilter } from 'mongodb';
import type { Model } from 'mongoose';
import { DataVersions, LONGEST_WRITE_MS } from '#libs/database';
import { Job } from './job.schema.js';

/** Jobs looked at or written in one go. */
const BATCH = 1000;
/** Rounds of a batch each in one call; what is left over is found by the next. */
const MOST_BATCHES = 1000;

/** A job that the controller does not show any more, and of which accounting has not told how it ended. */
interface VanishedJob {
  jobId: string;
  since: Date;
}

/**
 * The jobs that Slurm may still change. One that a reading does not show has not thereby ended: it is marked as stale
 * and asked after, until accounting tells its end or nobody expects it any more.
 */
@Injectable()
export class LiveJobs {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    private readonly versions: DataVersions,
  ) {}

  /** The ids of all live jobs of a cluster, those that have vanished included, in batches. */
  async *idsOf(cluster: string): AsyncGenerator<string[], void, undefined> {
    const cursor = this.jobs.collection.find<{ slurm: { job_id: string } }>(
      { 'slurm.cluster_name': cluster, 'source.live': true },
      { projection: { _id: 0, 'slurm.job_id': 1 }, hint: 'live', batchSize: BATCH },
    );
    try {
      while (await cursor.hasNext()) yield cursor.readBufferedDocuments().map(({ slurm }) => slurm.job_id);
    } finally {
      await cursor.close();
    }
  }

  /**
   * Marks jobs that a whole reading of their cluster did not show, where they are not marked yet. Their state stays as
   * it was. The next reading that shows one takes the mark away.
   * @returns how many were marked
   */
  async missed(cluster: string, jobIds: readonly string[], at: Date): Promise<number> {
    let marked = 0;
    for (let from = 0; from < jobIds.length; from += BATCH) {
      const filter = {
        'slurm.cluster_name': cluster,
        'slurm.job_id': { $in: jobIds.slice(from, from + BATCH) },
        'source.live': true,
        'source.vanished': { $exists: false },
      };
      marked += await this.changeBatch(filter, { $set: { 'cw.stale': true, 'source.vanished': at } });
    }
    return marked;
  }

  /** Those that are marked, the longest gone first. */
  async vanished(cluster: string, limit: number): Promise<VanishedJob[]> {
    const found = await this.jobs.collection
      .find<{ slurm: { job_id: string }; source: { vanished: Date } }>(goneFrom(cluster), {
        projection: { _id: 0, 'slurm.job_id': 1, 'source.vanished': 1 },
        sort: { 'source.vanished': 1 },
        hint: 'vanished',
        limit,
      })
      .toArray();
    return found.map(({ slurm, source }) => ({ jobId: slurm.job_id, since: source.vanished }));
  }

  /** How many are marked, counted up to a limit. */
  vanishedCount(cluster: string, limit: number): Promise<number> {
    return this.jobs.collection.countDocuments(goneFrom(cluster), { hint: 'vanished', limit });
  }

  /**
   * Gives up asking after those that were marked before an instant: nobody knows what became of them. One whose end is
   * known keeps it.
   * @returns how many were given up
   */
  async giveUp(cluster: string, before: Date): Promise<number> {
    const filter = { ...goneFrom(cluster), 'source.vanished': { $lt: before } };
    const forgotten = { $unset: { 'source.live': 1, 'source.vanished': 1 } } as const;
    const ended = await this.changeAll({ ...filter, 'cw.phase': 'finished' }, forgotten);
    const unknown = { $set: { 'cw.phase': 'unknown', 'cw.outcome': null }, ...forgotten };
    return ended + (await this.changeAll({ ...filter, 'cw.phase': { $ne: 'finished' } }, unknown));
  }

  private async changeAll(filter: Filter<Document>, update: UpdateFilter<Document>): Promise<number> {
    let changed = 0;
    for (let batches = 0; batches < MOST_BATCHES; batches += 1) {
      const now = await this.changeBatch(filter, update);
      if (now === 0) break;
      changed += now;
    }
    return changed;
  }

  /** What matches no more once it is changed; where nothing matches, nothing is written that lists would notice. */
  private async changeBatch(filter: Filter<Document>, update: UpdateFilter<Document>): Promise<number> {
    const found = await this.jobs.collection
      .find<{ _id: ObjectId }>(filter, { projection: { _id: 1 }, limit: BATCH })
      .toArray();
    if (found.length === 0) return 0;
    const ids = found.map(({ _id }) => _id as never);
    const write = () =>
      this.jobs.collection.updateMany({ _id: { $in: ids }, ...filter }, update, {
        maxTimeMS: LONGEST_WRITE_MS,
      });
    return (await this.versions.change('jobs', write)).modifiedCount;
  }
}

function goneFrom(cluster: string): Filter<Document> {
  return { 'slurm.cluster_name': cluster, 'source.vanished': { $exists: true } };
}
