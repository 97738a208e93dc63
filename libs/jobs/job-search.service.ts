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

export type ReadTerms = Omit<SearchTerms<Buffer>, 'raw'>;

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

  /** The jobs alone, as BSON; in one call where `find` makes two, which is where an id may mean several jobs. */
  async read(filter: Filter<Document>, terms: ReadTerms): Promise<Buffer[]> {
    if (matchesOneAtMost(filter)) {
      return (await this.find<Buffer>(filter, { ...terms, raw: true })).map(({ job }) => job);
    }
    const found = await this.readBoth(filter, terms);
    return found.length > 0 ? found : this.readBoth(filter, terms);
  }

  private async readBoth(filter: Filter<Document>, { projection, most, key }: ReadTerms): Promise<Buffer[]> {
    const stages = [{ $match: filter }, { $limit: most }, { $project: projection }];
    const both = [...stages, { $unionWith: { coll: this.cold.collection.collectionName, pipeline: stages } }];
    const found = await this.calls.run(() => this.jobs.collection.aggregate<Buffer>(both, { raw: true }).toArray());
    // As in `find`, one may be in both; the present one stands first.
    const keys = found.map(key);
    return found.filter((_, at) => keys.indexOf(keys[at] ?? '') === at);
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
