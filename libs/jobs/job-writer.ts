import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Document,
  MongoBulkWriteError,
  ObjectId,
  type UpdateFilter,
} from 'mongodb';
import type { Model } from 'mongoose';
import { completeNames, type UserNames, UsersService } from '#libs/auth';
import { DataVersions, DUPLICATE_KEY, LONGEST_WRITE_MS, Sessions } from '#libs/database';
import {
  ATTEMPT_FIELDS,
  attemptOf,
  contentHash,
  cwPart,
  derivedPart,
  identityOf,
  type JobKey,
  keyOf,
  orderedNames,
} from './job-document.js';
import { type JobIdentity, type JobRelation, relationTo } from './job-identity.js';
import type { JobInput } from './job-input.js';
import { JobMoves } from './job-moves.service.js';
import { JobNames } from './job-names.service.js';
import { ArchivedJob, type DerivedPart, Job, type JobMove, type SourcePart } from './job.schema.js';

/** What became of a job that was written. */
export type JobWriteOutcome = 'added' | 'changed' | 'unchanged' | 'outdated';

/** Rounds in which others kept changing the same jobs under our hands; it takes a bug to get there. */
const MOST_ROUNDS_WITHOUT_PROGRESS = 20;

interface JobOnFile {
  _id: ObjectId;
  slurm: Record<string, unknown> & { uid?: unknown };
  cw: { attempts: Document[] };
  derived: Pick<DerivedPart, 'submitted'>;
  source: SourcePart;
  predecessor?: { source: Pick<SourcePart, 'incarnation'> };
}

/** What has to be known of a job on file to write the next record of it. */
const ON_FILE = {
  ...Object.fromEntries(['cluster_name', 'job_id', 'uid', ...ATTEMPT_FIELDS].map((field) => [`slurm.${field}`, 1])),
  'cw.attempts': 1,
  'derived.submitted': 1,
  source: 1,
  'predecessor.source.incarnation': 1,
};

interface Pending {
  index: number;
  key: string;
  input: JobInput;
}

/**
 * Writes jobs as they come from Slurm or an import. Only what changed is written; `user` is never touched by
 * `write`; each write holds only while the job still is what it was read as, else it is looked at again.
 */
@Injectable()
export class JobWriter {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectModel(ArchivedJob.name) private readonly archive: Model<ArchivedJob>,
    private readonly users: UsersService,
    private readonly names: JobNames,
    private readonly moves: JobMoves,
    private readonly versions: DataVersions,
    private readonly sessions: Sessions,
  ) {}

  /** @returns what became of each input, in their order; of several records of one job the later ones see the earlier */
  async write(inputs: readonly JobInput[]): Promise<JobWriteOutcome[]> {
    const outcomes: JobWriteOutcome[] = [];
    const usersVersion = await this.users.version();
    let waiting: Pending[] = inputs.map((input, index) => ({ index, key: textKey(keyOf(input)), input }));
    for (let stuck = 0; waiting.length > 0;) {
      if (stuck > MOST_ROUNDS_WITHOUT_PROGRESS) throw new Error('jobs keep changing while they are written');
      const [now, later] = firstOfEachJob(waiting);
      const again = await this.writeRound(now, outcomes);
      stuck = again.length === now.length ? stuck + 1 : 0;
      waiting = [...again, ...later];
    }
    // A user who was added meanwhile was perhaps not seen yet, and did not see these jobs yet.
    if ((await this.users.version()) !== usersVersion) await this.names.refillJobs(inputs.map(keyOf));
    return outcomes;
  }

  /** @returns what has to be looked at again, since somebody else wrote the same job */
  private async writeRound(round: readonly Pending[], outcomes: JobWriteOutcome[]): Promise<Pending[]> {
    const onFile = await this.onFile(round.map(({ input }) => keyOf(input)));
    const users = await this.users.withNames(round.map(({ input }) => input.given));
    const again: Pending[] = [];
    const operations: { pending: Pending; outcome: JobWriteOutcome; operation: AnyBulkWriteOperation }[] = [];
    const moving: { pending: Pending; update: JobUpdate; move: Move }[] = [];
    for (const pending of round) {
      const { input, index, key } = pending;
      const names = completeNames(input.given, users);
      const present = onFile.get(key);
      if (present === undefined) {
        operations.push({ pending, outcome: 'added', operation: { insertOne: { document: newJob(input, names) } } });
        continue;
      }
      const relation = relationTo(identityOnFile(present), identityOf(input));
      if (relation === 'outdated') {
        outcomes[index] = 'outdated';
      } else if (relation === 'successor') {
        if (await this.succeed(present, newJob(input, names))) outcomes[index] = 'added';
        else again.push(pending);
      } else {
        const kept = withKnownTime(present, input);
        const update = updateOf(present, kept, names, relation);
        const move = moveOf(present, kept);
        if (update === null) outcomes[index] = 'unchanged';
        else if (move === null) operations.push({ pending, outcome: 'changed', operation: { updateOne: update } });
        else moving.push({ pending, update, move });
      }
    }
    const failed = await this.bulkWrite(operations.map(({ operation }) => operation));
    operations.forEach(({ pending, outcome }, position) => {
      if (failed.has(position)) again.push(pending);
      else outcomes[pending.index] = outcome;
    });
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
    const idsOfClusters = Map.groupBy(keys, ({ cluster }) => cluster);
    const filter = [...idsOfClusters].map(([cluster, group]) => ({
      'slurm.cluster_name': cluster,
      'slurm.job_id': { $in: group.map(({ jobId }) => jobId) },
    }));
    const found = await this.jobs.collection.find<JobOnFile>({ $or: filter }, { projection: ON_FILE }).toArray();
    for (const { _id, predecessor } of found) {
      if (predecessor !== undefined) await this.archivePredecessor(_id, predecessor.source.incarnation);
    }
    return new Map(
      found.map((job) => [
        textKey({ cluster: String(job.slurm['cluster_name']), jobId: String(job.slurm['job_id']) }),
        job,
      ]),
    );
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
    const write = () => this.jobs.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS });
    return (await this.versions.change('jobs', write)).modifiedCount;
  }
}

function newJob(input: JobInput, names: UserNames): Document {
  return {
    slurm: input.slurm,
    cw: cwPart(input, names, input.attempts),
    user: input.user ?? new Map(),
    derived: derivedPart(input, names),
    source: {
      incarnation: new ObjectId(),
      hash: contentHash(input),
      restarts: identityOf(input).restarts,
      given: orderedNames(input.given),
    },
  };
}

interface JobUpdate {
  filter: Document;
  update: UpdateFilter<Document>;
}

type Move = Pick<JobMove, 'from' | 'to'>;

/** A reading that does not know when a job was submitted does not unsay it: the job keeps its time, and its place. */
function withKnownTime(present: JobOnFile, input: JobInput): JobInput {
  const known = present.slurm['submit_time'];
  if (present.derived.submitted === null || identityOf(input).submitted !== null || typeof known !== 'string') {
    return input;
  }
  return { ...input, slurm: new Map(input.slurm).set('submit_time', known) };
}

function moveOf(present: JobOnFile, input: JobInput): Move | null {
  const { submitted } = identityOf(input);
  const from = present.derived.submitted;
  if (submitted === null || submitted === from?.getTime()) return null;
  return { from, to: new Date(submitted) };
}

function withMove({ filter, update }: JobUpdate, move: JobMove): JobUpdate {
  return { filter, update: { ...update, $push: { ...update.$push, moves: move } as never } };
}

/** @returns null where there is nothing to write */
function updateOf(
  present: JobOnFile,
  input: JobInput,
  names: UserNames,
  relation: Exclude<JobRelation, 'outdated' | 'successor'>,
): JobUpdate | null {
  const hash = contentHash(input);
  if (hash === present.source.hash) return null;
  const { attempts, ...cw } = cwPart(input, names, newAttempts(present, input, relation));
  return {
    filter: asRead(present),
    update: {
      $set: {
        slurm: input.slurm,
        derived: derivedPart(input, names),
        'source.hash': hash,
        'source.restarts': identityOf(input).restarts,
        'source.given': orderedNames(input.given),
        ...Object.fromEntries(Object.entries(cw).map(([key, value]) => [`cw.${key}`, value])),
      },
      $push: { 'cw.attempts': { $each: attempts } } as never,
    },
  };
}

/** Matches the job only as long as nobody else has written it since it was read; updates of its dict do not count. */
function asRead(present: JobOnFile) {
  return {
    _id: present._id as never,
    'source.incarnation': present.source.incarnation,
    'source.hash': present.source.hash,
  };
}

/** The attempts to add to those on file: any that came with the input, and the one that a requeue ended. */
function newAttempts(present: JobOnFile, input: JobInput, relation: JobRelation): unknown[] {
  const known = new Set(present.cw.attempts.map((attempt): unknown => attempt['submit_time']));
  const came = input.attempts.filter((attempt) => !known.has(attempt.get('submit_time')));
  if (relation !== 'requeued') return came;
  const ended = attemptOf(present.slurm);
  const told = came.some((attempt) => attempt.get('submit_time') === ended['submit_time']);
  return told ? came : [...came, ended];
}

function identityOnFile({ derived, source, slurm }: JobOnFile): JobIdentity {
  return {
    submitted: derived.submitted?.getTime() ?? null,
    restarts: source.restarts,
    uid: typeof slurm.uid === 'string' ? slurm.uid : null,
  };
}

function textKey({ cluster, jobId }: JobKey): string {
  return `${jobId} ${cluster}`;
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
