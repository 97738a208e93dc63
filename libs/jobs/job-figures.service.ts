import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Document } from 'mongodb';
import type { Model } from 'mongoose';
import { Figures, type FigureSource } from '#libs/metrics';
import { endedGroups, type JobGroup, liveGroups } from './figure-groups.js';
import { Job } from './job.schema.js';
import { showJobGroups } from './job-figures.js';

/** The database works no longer on them than this. */
const LONGEST_MS = 10_000;

/** Works out for metrics what waits and runs, and what has started and ended recently. */
@Injectable()
export class JobFigures implements FigureSource {
  readonly name = 'jobs';

  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    figures: Figures,
  ) {
    figures.add(this);
  }

  async refresh(): Promise<void> {
    const now = new Date();
    // One after the other: two at once would take twice as much from everybody else.
    const live = await this.groups(liveGroups(now));
    showJobGroups(live, await this.groups(endedGroups(now)));
  }

  clear(): void {
    showJobGroups([], []);
  }

  private groups(pipeline: Document[]): Promise<JobGroup[]> {
    return this.jobs.collection.aggregate<JobGroup>(pipeline, { timeoutMS: LONGEST_MS }).toArray();
  }
}
