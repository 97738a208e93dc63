import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Document } from 'mongodb';
import type { Model } from 'mongoose';
import { archivedJobs, archiveEnded, Figures, type FigureSource } from '#libs/metrics';
import { ArchiveTurns } from './archive-turns.service.js';
import { ColdJob } from './cold-job.schema.js';
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
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly turns: ArchiveTurns,
    figures: Figures,
  ) {
    this.clear();
    figures.add(this);
  }

  async refresh(): Promise<void> {
    const now = new Date();
    // One after the other: two at once would take twice as much from everybody else.
    const live = await this.groups(liveGroups(now));
    showJobGroups(live, await this.groups(endedGroups(now)));
    archivedJobs.set(await this.cold.collection.estimatedDocumentCount());
    const ended = await this.turns.lastEnded();
    if (ended !== null) archiveEnded.set(ended.getTime() / 1000);
  }

  clear(): void {
    showJobGroups([], []);
    // Without labels, one that was only reset would be 0.
    archivedJobs.remove();
    archiveEnded.remove();
  }

  private groups(pipeline: Document[]): Promise<JobGroup[]> {
    return this.jobs.collection.aggregate<JobGroup>(pipeline, { timeoutMS: LONGEST_MS }).toArray();
  }
}
