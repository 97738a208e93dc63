import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Collection, Document, Filter, FindOptions } from 'mongodb';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import { ColdJob } from './cold-job.schema.js';
import { Job } from './job.schema.js';
import { matchesOneAtMost } from './jobs-filter.js';

export interface FoundJob<T> {
  job: T;
  /** Where it was found. */
  collection: Collection;
}

export interface SearchTerms<T> {
  projection: Document;
  raw?: true;
  most: number;
  /** Tells two jobs apart. */
  key: (job: T) => string;
}

/** Finds single jobs wherever they are: among those that are listed, and in the archive. */
@Injectable()
export class JobSearch {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly calls: DatabaseCalls,
  ) {}

  async find<T extends object>(filter: Filter<Document>, terms: SearchTerms<T>): Promise<FoundJob<T>[]> {
    const present = await this.findIn(this.jobs, filter, terms);
    if (present.length >= terms.most || (present.length > 0 && matchesOneAtMost(filter))) return present;
    const keys = new Set(present.map(({ job }) => terms.key(job)));
    const archived = await this.findIn(this.cold, filter, terms);
    // One that was archived between the two looks is in both.
    const found = [...present, ...archived.filter(({ job }) => !keys.has(terms.key(job)))];
    // One that came back between them is in neither.
    return found.length > 0 ? found : this.findIn(this.jobs, filter, terms);
  }

  private async findIn<T extends object>(
    { collection }: Model<Job>,
    filter: Filter<Document>,
    { projection, raw, most }: SearchTerms<T>,
  ): Promise<FoundJob<T>[]> {
    const options: FindOptions = { projection, limit: most, ...(raw === undefined ? {} : { raw }) };
    const found = await this.calls.run(() => collection.find<T>(filter, options).toArray());
    return found.map((job) => ({ job, collection }));
  }
}
