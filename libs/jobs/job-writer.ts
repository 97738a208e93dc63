import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Document,
  MongoBulkWriteError,
  type ObjectId,
} from 'mongodb';
import type { Model } from 'mongoose';
import { type UserNames, UsersService } from '#libs/auth';
import { DataVersions, DUPLICATE_KEY, LONGEST_WRITE_MS, Sessions } from '#libs/database';
import { ColdJob } from './cold-job.schema.js';
import { ColdJobs } from './cold-jobs.service.js';
import { contentHash, type JobKey, keyOf } from './job-document.js';
import type { JobInput } from './job-input.js';
import { ofJobs, textKey } from './job-keys.js';
import { JobMoves } from './job-moves.service.js';
import { JobNames } from './job-names.service.js';
import { asRead, AT_A_GLANCE, type JobAtAGlance, type JobOnFile, keyOnFile, ON_FILE } from './job-on-file.js';
import type { JobOrigin } from './job-origin.js';
import { type JobPlan, planOf } from './job-plan.js';
import { type JobUpdate, type Move, moveOf, newJob, updateOf, withMove } from './job-update.js';
import { ArchivedJob, Job, type SourcePart } from './job.schema.js';
import { UsersByName } from './users-by-name.js';

/** What became of a job that was written. */
export type JobWriteOutcome = 'added' | 'changed' | 'unchanged' | 'outdated' | 'unclear';

/** Rounds in which others kept changing the same jobs under our hands; it takes a bug to get there. */
const MOST_ROUNDS_WITHOUT_PROGRESS = 20;

interface Pending {
  index: number;
  key: string;
  input: JobInput;
  hash: string;
}

interface Terms {
  origin: JobOrigin;
  mayWrite: () => void;
}

type Plan = { pending: Pending } & (JobPlan | { kind: 'new'; input: JobInput });

/**
 * Writes jobs as they come from Slurm or an import. Only what changed is written; `user` is never touched by
 * `write`; each write holds only while the job still is what it was read as, else it is looked at again.
 */
@Injectable()
export class JobWriter {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ArchivedJob.name) private readonly archive: Model<ArchivedJob>,
    @InjectModel(ColdJob.name) private readonly cold: Model<ColdJob>,
    private readonly coldJobs: ColdJobs,
    private readonly users: UsersService,
    private readonly names: JobNames,
    private readonly moves: JobMoves,
    private readonly versions: DataVersions,
    private readonly sessions: Sessions,
  ) {}

  /**
   * @param origin what the source of the records knows of their jobs; of an import everything is taken as it stands
   * @param mayWrite throws where this process may write these jobs no more; asked between each look at them and the write
   * @returns what became of each input, in their order; of several records of one job the later ones see the earlier
   */
  async write(
    inputs: readonly JobInput[],
    origin: JobOrigin = 'import',
    mayWrite: () => void = () => undefined,
  ): Promise<JobWriteOutcome[]> {
    const outcomes: JobWriteOutcome[] = [];
    const usersVersion = await this.users.version();
    let waiting: Pending[] = inputs.map((input, index) => ({
      index,
      key: textKey(keyOf(input)),
      input,
      hash: contentHash(input),
    }));
    for (let stuck = 0; waiting.length > 0;) {
      if (stuck > MOST_ROUNDS_WITHOUT_PROGRESS) throw new Error('jobs keep changing while they are written');
      const [now, later] = firstOfEachJob(waiting);
      const again = await this.writeRound(now, { origin, mayWrite }, outcomes);
      stuck = again.length === now.length ? stuck + 1 : 0;
      waiting = [...again, ...later];
    }
    // A user who was added meanwhile was perhaps not seen yet, and did not see these jobs yet.
    if ((await this.users.version()) !== usersVersion) await this.names.refillJobs(inputs.map(keyOf));
    return outcomes;
  }

  /** @returns what has to be looked at again, since somebody else wrote the same job */
  private async writeRound(
    round: readonly Pending[],
    { origin, mayWrite }: Terms,
    outcomes: JobWriteOutcome[],
  ): Promise<Pending[]> {
    const { fresh, known } = await this.newsAmong(round, origin, outcomes);
    const { unseen, back } = await this.backFromArchive(fresh, { origin, mayWrite }, outcomes);
    const plans: Plan[] = unseen.map((pending) => ({ pending, kind: 'new', input: pending.input }));
    const again: Pending[] = [...back];
    const onFile = await this.onFile(known.map(({ input }) => keyOf(input)));
    for (const pending of known) {
      const present = onFile.get(pending.key);
      if (present === undefined) again.push(pending);
      else {
        const plan = planOf(present, pending, origin);
        if (typeof plan === 'string') outcomes[pending.index] = plan;
        else plans.push({ pending, ...plan });
      }
    }
    return [...again, ...(await this.carryOut(plans, mayWrite, outcomes))];
  }

  /** Parts what is not on file from what is; of what is there as it comes in, that is all there is to say. */
  private async newsAmong(
    round: readonly Pending[],
    origin: JobOrigin,
    outcomes: JobWriteOutcome[],
  ): Promise<{ fresh: Pending[]; known: Pending[] }> {
    const filter = ofJobs(round.map(({ input }) => keyOf(input)));
    const found = await this.jobs.collection.find<JobAtAGlance>(filter, { projection: AT_A_GLANCE }).toArray();
    for (const { _id, predecessor } of found) {
      if (predecessor !== undefined) await this.archivePredecessor(_id, predecessor.source.incarnation);
    }
    const onFile = new Map(found.map((job) => [textKey(keyOnFile(job)), job]));
    const news: { fresh: Pending[]; known: Pending[] } = { fresh: [], known: [] };
    for (const pending of round) {
      const job = onFile.get(pending.key);
      if (job === undefined) news.fresh.push(pending);
      else if (isNews(job, pending, origin)) news.known.push(pending);
      else outcomes[pending.index] = 'unchanged';
    }
    return news;
  }

  /**
   * Fetches jobs that are archived and have news: they are then written like any other. What says nothing new of one, as
   * accounting does every day and an import of all there ever was, leaves it where it is.
   */
  private async backFromArchive(
    fresh: readonly Pending[],
    { origin, mayWrite }: Terms,
    outcomes: JobWriteOutcome[],
  ): Promise<{ unseen: Pending[]; back: Pending[] }> {
    const archived = await this.coldJobs.onFile(fresh.map(({ input }) => keyOf(input)));
    if (archived.size === 0) return { unseen: [...fresh], back: [] };
    const unseen: Pending[] = [];
    const news: { pending: Pending; job: JobOnFile }[] = [];
    for (const pending of fresh) {
      const job = archived.get(pending.key);
      const plan = job === undefined || !isNews(job, pending, origin) ? 'unchanged' : planOf(job, pending, origin);
      if (job === undefined) unseen.push(pending);
      else if (typeof plan === 'string') outcomes[pending.index] = plan;
      else news.push({ pending, job });
    }
    if (news.length > 0) {
      mayWrite();
      await this.coldJobs.takeBack(news.map(({ job }) => job._id));
      // Names that were filled in meanwhile may have missed them in both places.
      await this.names.refillJobs(news.map(({ job }) => keyOnFile(job)));
    }
    return { unseen, back: news.map(({ pending }) => pending) };
  }

  /** @returns what has to be looked at again */
  private async carryOut(
    plans: readonly Plan[],
    mayWrite: Terms['mayWrite'],
    outcomes: JobWriteOutcome[],
  ): Promise<Pending[]> {
    if (plans.length === 0) return [];
    const users = new UsersByName(await this.users.withNames(plans.flatMap(namesIn)));
    const again: Pending[] = [];
    const operations: { pending: Pending; outcome: JobWriteOutcome; operation: AnyBulkWriteOperation }[] = [];
    const moving: { pending: Pending; update: JobUpdate; move: Move }[] = [];
    for (const plan of plans) {
      const { pending } = plan;
      if (plan.kind === 'new') {
        const document = newJob(plan.input, users.complete(plan.input.given), pending.hash);
        operations.push({ pending, outcome: 'added', operation: { insertOne: { document } } });
      } else if (plan.kind === 'successor') {
        const successor = newJob(plan.input, users.complete(plan.input.given), pending.hash);
        mayWrite();
        if (await this.succeed(plan.present, successor)) outcomes[pending.index] = 'added';
        else again.push(pending);
      } else if (plan.kind === 'attempt') {
        operations.push({ pending, outcome: 'changed', operation: { updateOne: plan.update } });
      } else {
        const update = updateOf(plan.present, plan.next, users.complete(plan.next.input.given));
        const move = moveOf(plan.present, plan.next.input);
        if (move === null) operations.push({ pending, outcome: 'changed', operation: { updateOne: update } });
        else moving.push({ pending, update, move });
      }
    }
    mayWrite();
    const failed = await this.bulkWrite(operations.map(({ operation }) => operation));
    operations.forEach(({ pending, outcome }, position) => {
      if (failed.has(position)) again.push(pending);
      else outcomes[pending.index] = outcome;
    });
    mayWrite();
    const unmoved = await this.writeMoves(moving);
    for (const { pending } of moving) {
      if (unmoved) again.push(pending);
      else outcomes[pending.index] = 'changed';
    }
    return again;
  }

  /**
   * Writes jobs that go to the front of the list. The number of each move takes effect together with the move: whoever
   * reads the number of the last one in a snapshot knows which moves that snapshot has.
   * @returns whether any of them found its job to be another by then: all have to be looked at again
   */
  private async writeMoves(moving: readonly { update: JobUpdate; move: Move }[]): Promise<boolean> {
    if (moving.length === 0) return false;
    const write = async (session: ClientSession | undefined): Promise<number> => {
      const first = await this.moves.take(moving.length, session);
      const operations = moving.map(({ update, move }, index) => ({
        updateOne: withMove(update, { number: first + index, ...move }),
      }));
      const options = { ordered: false, ...(session === undefined ? {} : { session }) };
      return (await this.jobs.collection.bulkWrite(operations, options)).matchedCount;
    };
    const matched = await this.versions.change('jobs', () => this.sessions.transaction(LONGEST_WRITE_MS, write));
    return matched < moving.length;
  }

  private async onFile(keys: readonly JobKey[]): Promise<Map<string, JobOnFile>> {
    if (keys.length === 0) return new Map();
    const found = await this.jobs.collection.find<JobOnFile>(ofJobs(keys), { projection: ON_FILE }).toArray();
    return new Map(found.map((job) => [textKey(keyOnFile(job)), job]));
  }

  /** @returns the positions of what was not written since the job was another by then */
  private async bulkWrite(operations: AnyBulkWriteOperation[]): Promise<Set<number>> {
    if (operations.length === 0) return new Set();
    const failed = new Set<number>();
    try {
      const { matchedCount } = await this.versions.change('jobs', () =>
        this.jobs.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS }),
      );
      const updates = operations.flatMap((operation, position) => ('updateOne' in operation ? [position] : []));
      // The driver does not say which updates found nothing: looking at all of them again finds those done unchanged.
      if (matchedCount < updates.length) for (const position of updates) failed.add(position);
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const errors = [error.writeErrors].flat();
      if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      for (const { index } of errors) failed.add(index);
      operations.forEach((operation, position) => {
        if ('updateOne' in operation) failed.add(position);
      });
    }
    return failed;
  }

  /**
   * Puts the successor in the place of the job on file, which goes to the archive. It takes one step to make the old one
   * part of the new: a reader sees the one or the other, and no update of a dict falls in between, however many come.
   * @returns whether it is done; not, where somebody else has written the job since it was read
   */
  private async succeed(present: JobOnFile, successor: Document): Promise<boolean> {
    const pipeline = [{ $replaceWith: { $mergeObjects: [{ $literal: successor }, { predecessor: '$$ROOT' }] } }];
    const { matchedCount } = await this.versions.change('jobs', () =>
      this.jobs.collection.updateOne(asRead(present), pipeline, { maxTimeMS: LONGEST_WRITE_MS }),
    );
    if (matchedCount === 0) return false;
    await this.archivePredecessor(present._id, present.source.incarnation);
    return true;
  }

  /** Moves the old job inside a new one to the archive. Cut off at any point, it is done again at the next reading. */
  private async archivePredecessor(job: ObjectId, incarnation: SourcePart['incarnation']): Promise<void> {
    const holding = { _id: job as never, 'predecessor.source.incarnation': incarnation };
    // The server copies it: nothing of the dict passes through here.
    const copy = [
      { $match: holding },
      { $replaceWith: { $mergeObjects: ['$predecessor', { archived: '$$NOW' }] } },
      { $unset: '_id' },
      {
        $merge: { into: this.archive.collection.collectionName, on: 'source.incarnation', whenMatched: 'keepExisting' },
      },
    ];
    await this.jobs.collection.aggregate(copy).toArray();
    await this.jobs.collection.updateOne(holding, { $unset: { predecessor: 1 } });
  }

  /**
   * Puts the dicts that came with jobs in the place of those on file, where these are other ones.
   * @returns how many were replaced
   */
  async replaceDicts(inputs: readonly JobInput[]): Promise<number> {
    const operations = inputs.flatMap((input): AnyBulkWriteOperation[] => {
      if (input.user === null) return [];
      const { cluster, jobId } = keyOf(input);
      // The server compares byte by byte whether this changes anything; a condition would take 1 and 1.0 for equal.
      const filter = { 'slurm.cluster_name': cluster, 'slurm.job_id': jobId };
      return [{ updateOne: { filter, update: { $set: { user: input.user } } } }];
    });
    if (operations.length === 0) return 0;
    const write = (model: Model<Job>) => model.collection.bulkWrite(operations, REPLACEMENT_OPTIONS);
    const present = await this.versions.change('jobs', () => write(this.jobs));
    if (present.matchedCount === operations.length) return present.modifiedCount;
    const archived = await write(this.cold);
    const replaced = present.modifiedCount + archived.modifiedCount;
    if (present.matchedCount + archived.matchedCount >= operations.length) return replaced;
    // One that came back from the archive between the two was in neither.
    return replaced + (await this.versions.change('jobs', () => write(this.jobs))).modifiedCount;
  }
}

const REPLACEMENT_OPTIONS = { ordered: false, maxTimeMS: LONGEST_WRITE_MS };

/** Whether a record may say anything new of a job. What a reading shows again, after it was gone, is news in itself. */
function isNews(job: Pick<JobAtAGlance, 'cw' | 'source'>, { hash }: Pending, origin: JobOrigin): boolean {
  return job.source.hash !== hash || (job.cw.stale === true && origin !== 'import');
}

function namesIn(plan: Plan): UserNames[] {
  if (plan.kind === 'attempt') return [];
  return [plan.kind === 'next' ? plan.next.input.given : plan.input.given];
}

/** Parts what can be written at once from further records of the same jobs, which have to wait for the first. */
function firstOfEachJob(waiting: readonly Pending[]): [now: Pending[], later: Pending[]] {
  const seen = new Set<string>();
  const now: Pending[] = [];
  const later: Pending[] = [];
  for (const pending of waiting) {
    (seen.has(pending.key) ? later : now).push(pending);
    seen.add(pending.key);
  }
  return [now, later];
}
