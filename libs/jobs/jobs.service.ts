import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Document, Filter } from 'mongodb';
import type { Model } from 'mongoose';
import { type Caller, NAME_KINDS } from '#libs/auth';
import type { FoundOne } from '#libs/clusters';
import { DatabaseCalls } from '#libs/database';
import { bsonTextAt, bsonToJson, EMPTY_OBJECT } from '#libs/json';
import type { Listing } from '#libs/lists';
import { ColdJob } from './cold-job.schema.js';
import { textKey } from './job-keys.js';
import { JobMoves } from './job-moves.service.js';
import { keyOnFile } from './job-on-file.js';
import { jobProjection, PUBLIC_PARTS } from './job-projection.js';
import { FILLED_IN } from './job-record.js';
import { JobSearch } from './job-search.service.js';
import { Job, JOB_ORDER } from './job.schema.js';
import { earliestEnd, ENDED, jobFilter, listFilter, listFilterAt, sameFilters } from './jobs-filter.js';
import type { JobOneQuery, JobsFilterQuery, JobsListQuery } from './jobs.queries.js';
import { severalJobs } from './several-jobs.js';

/** Jobs fetched at a time. */
const BATCH = 500;

/** Reads jobs: raw from the database, written as JSON without making objects of them. */
@Injectable()
export class JobsService {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly search: JobSearch,
    private readonly calls: DatabaseCalls,
    private readonly moves: JobMoves,
  ) {}

  /** The jobs that the caller may see and asks for. */
  list(caller: Caller, query: JobsListQuery): Listing {
    const instant = earliestEnd(query, new Date());
    return {
      data: 'jobs',
      collection: this.jobs.collection,
      filter: listFilter(caller, query),
      ...(instant === null ? {} : { since: { path: ENDED, instant } }),
      order: JOB_ORDER,
      projection: jobProjection(query.fields),
      batchSize: BATCH,
      keyId: caller.keyId,
      paging: { asked: query, filters: sameFilters(query), moves: this.moves },
    };
  }

  /** How many jobs `list` would give, as `{"count": n}`. */
  async count(caller: Caller, query: JobsFilterQuery): Promise<Buffer> {
    const filter = listFilterAt(caller, query, new Date());
    const count = await this.calls.run(() => this.jobs.collection.countDocuments(filter));
    return Buffer.from(JSON.stringify({ count }));
  }

  /** One job as JSON, `{}` where there is none. */
  async one(caller: Caller, query: JobOneQuery): Promise<FoundOne> {
    const filter = jobFilter(caller, query.job_id, query);
    const found = await this.search.read(filter, { projection: PUBLIC_PARTS, most: 2, key: rawKey });
    if (found.length > 1) throw await this.several(query.job_id, filter);
    const [job] = found;
    if (job === undefined) return { body: EMPTY_OBJECT, cluster: null };
    return { body: bsonToJson(job), cluster: bsonTextAt(job, ['slurm', 'cluster_name']) };
  }

  /**
   * For an export: each job as an import takes it, in the order of the list; archived ones after them, in none. Names that the users table filled in are
   * told apart, since they are not the job's own.
   */
  exported() {
    const filledIn = {
      $filter: {
        input: [...NAME_KINDS],
        as: 'kind',
        cond: {
          $or: NAME_KINDS.map((kind) => ({
            $and: [{ $eq: ['$$kind', kind] }, { $ne: [`$cw.${kind}`, `$source.given.${kind}`] }],
          })),
        },
      },
    };
    const cw = {
      $cond: [{ $eq: [filledIn, []] }, '$cw', { $mergeObjects: ['$cw', { [FILLED_IN]: filledIn }] }],
    };
    return this.jobs.collection.aggregate<Buffer>(
      [
        { $sort: JOB_ORDER },
        { $unionWith: this.cold.collection.collectionName },
        { $replaceWith: { slurm: '$slurm', cw, user: '$user' } },
      ],
      { raw: true, batchSize: BATCH },
    );
  }

  private async several(jobId: string, filter: Filter<Document>): Promise<Error> {
    const found = await this.search.find<KeyedJob>(filter, {
      projection: { 'slurm.cluster_name': 1, 'slurm.job_id': 1 },
      most: MOST_COUNTED,
      key: (job) => textKey(keyOnFile(job)),
    });
    return severalJobs(
      jobId,
      found.map(({ job }) => job.slurm.cluster_name),
    );
  }
}

interface KeyedJob {
  slurm: { cluster_name: string; job_id: string };
}

function rawKey(job: Buffer): string {
  const text = (field: string) => bsonTextAt(job, ['slurm', field]) ?? '';
  return textKey({ cluster: text('cluster_name'), jobId: text('job_id') });
}

/** More matches than this are not counted one by one. */
const MOST_COUNTED = 1000;
