import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { AnyBulkWriteOperation, Document, Filter, ObjectId } from 'mongodb';
import type { Model } from 'mongoose';
import { completeNames, NAME_KINDS, type UserNames, UsersService } from '#libs/auth';
import { DataVersions, LONGEST_WRITE_MS } from '#libs/database';
import { ColdJob } from './cold-job.schema.js';
import { type JobKey, nameList, orderedNames } from './job-document.js';
import { Job } from './job.schema.js';

/** Jobs looked at in one go. */
const BATCH = 1000;

interface NamedJob {
  _id: ObjectId;
  cw: UserNames;
  source: { given: UserNames };
}

/** Keeps the names that the users table fills in up to date in the jobs that are there. */
@Injectable()
export class JobNames {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly users: UsersService,
    private readonly versions: DataVersions,
  ) {}

  /**
   * Fills in, or takes back, what the users table says since users were added or corrected. May run in several
   * processes at once, and be cut off: what was not finished is found again.
   * @returns how many jobs were changed
   */
  async refillPending(): Promise<number> {
    let changed = 0;
    for (const pending of await this.users.pendingRefills()) {
      changed += await this.refill({ 'derived.names': pending.name });
      await this.users.refillDone(pending);
    }
    return changed;
  }

  async refillJobs(keys: readonly JobKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.refill({
      $or: keys.map(({ cluster, jobId }) => ({ 'slurm.cluster_name': cluster, 'slurm.job_id': jobId })),
    });
  }

  /** In the archive last: what goes there meanwhile is met in one of the two, and who fetches a job from there looks again. */
  private async refill(filter: Filter<Document>): Promise<number> {
    return (await this.refillIn(this.jobs, filter)) + (await this.refillIn(this.cold, filter));
  }

  private async refillIn(model: Model<Job>, filter: Filter<Document>): Promise<number> {
    let changed = 0;
    const cursor = model.collection.find<NamedJob>(filter, {
      projection: { 'source.given': 1, ...Object.fromEntries(NAME_KINDS.map((kind) => [`cw.${kind}`, 1])) },
      batchSize: BATCH,
    });
    try {
      while (await cursor.hasNext()) changed += await this.refillBatch(model, cursor.readBufferedDocuments());
    } finally {
      await cursor.close();
    }
    return changed;
  }

  private async refillBatch(model: Model<Job>, batch: readonly NamedJob[]): Promise<number> {
    const users = await this.users.withNames(batch.map((job) => job.source.given));
    const operations = batch.flatMap(({ _id, cw, source: { given } }): AnyBulkWriteOperation[] => {
      const names = orderedNames(completeNames(given, users));
      if (NAME_KINDS.every((kind) => names[kind] === cw[kind])) return [];
      const filled = Object.fromEntries(NAME_KINDS.map((kind) => [`cw.${kind}`, names[kind]]));
      return [
        {
          updateOne: {
            // Whoever gave the job other names meanwhile has filled in theirs.
            filter: { _id: _id, 'source.given': orderedNames(given) },
            update: { $set: { ...filled, 'derived.names': nameList(names) } },
          },
        },
      ];
    });
    if (operations.length === 0) return 0;
    const write = () => model.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS });
    return (await this.versions.change('jobs', write)).modifiedCount;
  }
}
