import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { ClientSession, Document, Filter } from 'mongodb';
import type { Model } from 'mongoose';
import { type Actor, AuditLog } from '#libs/audit';
import { DatabaseTimeoutError, LONGEST_WRITE_MS, Sessions, withMaintenanceLease } from '#libs/database';
import { ArchiveTurns } from './archive-turns.service.js';
import { ColdJob } from './cold-job.schema.js';
import { ColdJobs, inSession, type RipeJob, SIZE } from './cold-jobs.service.js';
import { Job } from './job.schema.js';

/** Jobs moved or deleted in one go. */
const BATCH = 500;
/** The lease is given back after so long, for those who wait for it: a restore, a migration. */
const LEASE_MS = 10_000;
/** Those look this often whether it is free, so they have it before it is taken again. */
const BETWEEN_LEASES_MS = 500;
const PATIENCE_MS = 60_000;
/** What a run that was killed has begun holds its jobs until the server ends it: after a minute, looked at now and then. */
const MOST_HELD_MS = 120_000;
const HELD_AGAIN_MS = 1_000;
/** One that came back is left alone for so long, whatever its end. */
const RETURNED_REST_MS = 24 * 60 * 60_000;

/** It cannot be archived here; the message says why. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

export interface ArchiveTerms {
  /** Finished jobs that ended before this are archived; null: none are. */
  endedBefore: Date | null;
  /** Archived jobs that ended before this are deleted; null: none are. */
  deletedBefore: Date | null;
  /** Those of one cluster alone; null: of all. */
  cluster: string | null;
}

/** How many jobs were archived, and how many archived ones deleted. */
export interface Archived {
  archived: number;
  deleted: number;
}

export interface ArchiveManners {
  actor: Actor;
  /** Told how far it has come, for people. */
  report: (message: string) => void;
  /** Of its time, which part it works: 1 is all. */
  share: number;
  /** Ends it after the batch under way. */
  signal: AbortSignal;
}

/**
 * Moves finished jobs that ended long ago to the archive, and deletes from there. One process at a time does, in batches
 * each of which is done whole or not at all: cut off at any point, the next run goes on with what is left.
 */
@Injectable()
export class JobArchiver {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly coldJobs: ColdJobs,
    private readonly sessions: Sessions,
    private readonly turns: ArchiveTurns,
    private readonly audit: AuditLog,
  ) {}

  /** How many jobs a run would take now. */
  async due(terms: ArchiveTerms): Promise<Archived> {
    const archived = terms.endedBefore === null ? 0 : await this.jobs.collection.countDocuments(ripe(terms));
    const deleted = terms.deletedBefore === null ? 0 : await this.countDeletable(terms, terms.deletedBefore);
    return { archived, deleted };
  }

  /**
   * @throws ArchiveError
   * @throws MaintenanceBusyError where another process works on the database as a whole for longer than this one waits
   */
  async run(terms: ArchiveTerms, manners: ArchiveManners): Promise<Archived> {
    if (!this.sessions.haveTransactions) {
      throw new ArchiveError(
        'This MongoDB is no replica set, and has no transactions: a job could be lost on its way to the archive. Make it a replica set of one.',
      );
    }
    const done: Archived = { archived: 0, deleted: 0 };
    if (await this.isAnyDue(terms)) await this.carryOut(terms, manners, done);
    if (!manners.signal.aborted) await this.turns.ended();
    return done;
  }

  /** @param done is kept up to date, so that what was done until it is broken off is told */
  private async carryOut(terms: ArchiveTerms, manners: ArchiveManners, done: Archived): Promise<void> {
    await this.record(terms, manners.actor, { state: 'begun' });
    let state = 'broken off';
    try {
      const batches = [this.archiving(terms, manners, done), this.deleting(terms, done)];
      await this.goThrough(batches, manners, () => `${done.archived} jobs archived, ${done.deleted} deleted so far`);
      if (!manners.signal.aborted) state = 'done';
    } finally {
      // Whoever breaks it off by taking the database away finds the beginning alone.
      await this.record(terms, manners.actor, { state, ...done }).catch(() => undefined);
    }
  }

  /** Goes through batches under the lease, which is given back now and then. */
  private async goThrough(
    parts: AsyncGenerator<void, void, undefined>[],
    { report, share, signal }: ArchiveManners,
    soFar: () => string,
  ): Promise<void> {
    const terms = { doing: 'archiving finished jobs', patienceMs: PATIENCE_MS, report };
    while (parts.length > 0 && !signal.aborted) {
      await withMaintenanceLease(this.jobs.db, terms, async (lease) => {
        const ends = performance.now() + LEASE_MS;
        while (parts[0] !== undefined && performance.now() < ends && !signal.aborted) {
          const begun = performance.now();
          lease.check();
          const { done } = await parts[0].next();
          if (done === true) parts.shift();
          await pause((performance.now() - begun) * (1 / share - 1), signal);
        }
      });
      if (parts.length === 0) return;
      report(soFar());
      await pause(BETWEEN_LEASES_MS, signal);
    }
  }

  /** Oldest first; each batch goes on where the one before ended, so that what may not be moved is met once. */
  private async *archiving(
    terms: ArchiveTerms,
    manners: ArchiveManners,
    done: Archived,
  ): AsyncGenerator<void, void, undefined> {
    if (terms.endedBefore === null) return;
    for (let from = EARLIEST; ;) {
      const filter = ripe(terms, from);
      // Where none is left, nothing is written that lists would notice.
      if ((await this.jobs.collection.findOne(filter, FIRST_BY_END)) === null) return;
      const moved = await this.putAway(filter, manners);
      const last = moved.at(-1);
      if (last === undefined) return;
      done.archived += moved.length;
      from = last.ended;
      yield;
    }
  }

  private async putAway(filter: Filter<Document>, { report, signal }: ArchiveManners): Promise<RipeJob[]> {
    const ends = performance.now() + MOST_HELD_MS;
    for (let isTold = false; !signal.aborted; isTold = true) {
      try {
        return await this.coldJobs.putAway((session) => this.pick(filter, session));
      } catch (error) {
        if (!(error instanceof DatabaseTimeoutError) || performance.now() > ends) throw error;
      }
      if (!isTold) report('Waiting for jobs that another process holds; one that was killed does for a minute');
      await pause(HELD_AGAIN_MS, signal);
    }
    return [];
  }

  private pick(filter: Filter<Document>, session: ClientSession | undefined): Promise<RipeJob[]> {
    const stages = [
      { $match: filter },
      { $sort: { 'derived.ended': 1 } },
      { $limit: BATCH },
      { $project: { ...SIZE, 'slurm.cluster_name': 1, 'slurm.job_id': 1, ended: '$derived.ended' } },
    ];
    return this.jobs.collection.aggregate<RipeJob>(stages, { hint: 'ended', ...inSession(session) }).toArray();
  }

  private async *deleting(terms: ArchiveTerms, done: Archived): AsyncGenerator<void, void, undefined> {
    if (terms.deletedBefore === null) return;
    const filter = deletable(terms, terms.deletedBefore);
    for (;;) {
      const found = await this.cold.collection.find(filter, { projection: { _id: 1 }, limit: BATCH }).toArray();
      if (found.length === 0) return;
      const ids = { _id: { $in: found.map(({ _id }) => _id) } };
      const options = { maxTimeMS: LONGEST_WRITE_MS };
      done.deleted += (await this.cold.collection.deleteMany({ ...filter, ...ids }, options)).deletedCount;
      yield;
    }
  }

  private async isAnyDue(terms: ArchiveTerms): Promise<boolean> {
    const { endedBefore, deletedBefore } = terms;
    const isThere = async (model: Model<Job>, filter: Filter<Document>) =>
      (await model.collection.findOne(filter, FIRST_BY_END)) !== null;
    return (
      (endedBefore !== null && (await isThere(this.jobs, ripe(terms)))) ||
      (deletedBefore !== null && (await isThere(this.cold, deletable(terms, deletedBefore))))
    );
  }

  /** Those that are archived by the same run, and are as old, count too. */
  private async countDeletable(terms: ArchiveTerms, before: Date): Promise<number> {
    const archived = await this.cold.collection.countDocuments(deletable(terms, before));
    if (terms.endedBefore === null) return archived;
    return archived + (await this.jobs.collection.countDocuments(ripe({ ...terms, endedBefore: before })));
  }

  private record(terms: ArchiveTerms, actor: Actor, what: { state: string } & Partial<Archived>): Promise<void> {
    const { endedBefore, deletedBefore, cluster } = terms;
    const after = { ...what, ended_before: endedBefore, deleted_before: deletedBefore, cluster };
    return this.audit.record({ actor, what: 'data.archive', target: 'jobs', after });
  }
}

/** The first instant that ECMAScript's dates know. */
const EARLIEST = new Date(-8.64e15);

const FIRST_BY_END = { projection: { _id: 1 }, hint: 'ended' };

/**
 * Jobs that are over for good, and have been for long enough. One whose end nobody knows is none of them, nor one that still
 * holds the job whose id it has.
 */
function ripe({ endedBefore, cluster }: ArchiveTerms, from = EARLIEST): Filter<Document> {
  return {
    'derived.ended': { $gte: from, $lt: endedBefore },
    'cw.phase': 'finished',
    'source.live': { $exists: false },
    'source.vanished': { $exists: false },
    'source.returned': { $not: { $gt: new Date(Date.now() - RETURNED_REST_MS) } },
    predecessor: { $exists: false },
    ...ofCluster(cluster),
  };
}

function deletable({ cluster }: ArchiveTerms, before: Date): Filter<Document> {
  return { 'derived.ended': { $lt: before }, ...ofCluster(cluster) };
}

function ofCluster(cluster: string | null): Filter<Document> {
  return cluster === null ? {} : { 'slurm.cluster_name': cluster };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  // Told to stop, it need not be waited out.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
