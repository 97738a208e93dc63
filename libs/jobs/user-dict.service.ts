import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Collection, Document, ObjectId } from 'mongodb';
import { type Caller, NAME_KINDS, notTheOwner, ownsJob, type RequestedJob, type UserNames } from '#libs/auth';
import { notFound, QueueLengths, quote } from '#libs/common';
import { DatabaseCalls, DataVersions, LONGEST_WRITE_MS } from '#libs/database';
import { bsonToJson, type JsonObject } from '#libs/json';
import { BoundedTurns } from './bounded-turns.js';
import { textKey } from './job-keys.js';
import { keyOnFile } from './job-on-file.js';
import { JobSearch } from './job-search.service.js';
import { jobFilter } from './jobs-filter.js';
import { severalJobs } from './several-jobs.js';
import { readUpdateArguments, type UpdateArguments } from './update-arguments.js';
import { mergedDictTooLarge, MOST_DICT_BYTES } from './user-dict-limits.js';

/** How often a job that is replaced by another while it is updated is looked up anew. */
const MOST_TRIES = 20;
/**
 * Merges into one job that are at the database at once, of each process. Each of two that meet is tried again there, and
 * of a thousand nearly all meet; a few at once are enough to share the waiting for the journal. Measured: 1 000 at once
 * take half as long as one after another, with 4 as with 16 or without a bound; 4 000 take 16 s, and without a bound run
 * into their deadlines.
 */
const MOST_MERGES_AT_ONCE = 4;
/** Matches that are read to tell that there are several. */
const MOST_COUNTED = 1000;

interface TargetJob {
  _id: ObjectId;
  slurm: { cluster_name: string; job_id: string };
  cw: UserNames;
  source: { incarnation: ObjectId };
}

interface Target extends TargetJob {
  /** Where it is: in the archive too a dict can be updated. */
  collection: Collection;
}

/** What an update asks for, the job that it is about, and since when it waits for the database. */
interface Requested {
  read: UpdateArguments;
  target: Target;
  begun: number;
}

/** Updates of the dicts that owners attach to their jobs. */
@Injectable()
export class UserDictService implements RequestedJob {
  /** What the ownership guard has read and found of a request, for the route behind it. */
  private readonly requested = new WeakMap<FastifyRequest, Requested>();

  private readonly turns = new BoundedTurns(MOST_MERGES_AT_ONCE);

  constructor(
    private readonly search: JobSearch,
    private readonly calls: DatabaseCalls,
    private readonly versions: DataVersions,
    queues: QueueLengths,
  ) {
    queues.add('merges_waiting', () => this.turns.waiting);
  }

  async ownerNames(request: FastifyRequest, caller: Caller): Promise<UserNames> {
    const read = await readUpdateArguments(request.raw);
    const begun = performance.now();
    const target = await this.find(caller, read);
    this.requested.set(request, { read, target, begun });
    return target.cw;
  }

  /**
   * Merges pairs into the dict of the job that the guard has found, key by key, in one atomic operation whose
   * conditions are that the job still is the same, the caller's, and its dict within bounds.
   * @returns the merged dict as JSON
   */
  async update(request: FastifyRequest, caller: Caller): Promise<Buffer> {
    const requested = this.requested.get(request);
    if (requested === undefined) throw new Error('the ownership guard has not run');
    let { target } = requested;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const merged = await this.merge(target, caller, requested);
      if (merged !== null) return bsonToJson(merged);
      if (await this.isTooLarge(target, requested.read.pairs)) throw mergedDictTooLarge();
      target = await this.find(caller, requested.read);
      if (!ownsJob(caller, target.cw)) throw notTheOwner();
    }
    throw new Error('the job kept being replaced while its dict was updated');
  }

  private async find(caller: Caller, { jobId, clusters }: UpdateArguments): Promise<Target> {
    const filter = jobFilter(caller, jobId, clusters === undefined ? {} : { cluster_name: clusters });
    const found = await this.search.find<TargetJob>(filter, {
      projection: TARGET_FIELDS,
      most: MOST_COUNTED,
      key: (job) => textKey(keyOnFile(job)),
    });
    const [first] = found;
    if (first === undefined) throw notFound(`No job matches job_id ${quote(jobId)}${onClusters(clusters)}.`);
    if (found.length > 1) {
      throw severalJobs(
        jobId,
        found.map(({ job }) => job.slurm.cluster_name),
      );
    }
    return { ...first.job, collection: first.collection };
  }

  private async merge(target: Target, caller: Caller, { read, begun }: Requested): Promise<Uint8Array | null> {
    const merged = mergedWith(read.pairs);
    const conditions: Document = { $expr: { $lte: [{ $bsonSize: merged }, MOST_DICT_BYTES] } };
    for (const kind of NAME_KINDS) conditions[`cw.${kind}`] = { $in: [null, caller[kind]] };
    const update = [{ $set: { user: merged } }];
    const filter = { ...sameJob(target), ...conditions, 'derived.names.0': { $exists: true } };
    const written = await this.calls.write(
      (abandoned) =>
        this.turns.run(target._id.toHexString(), abandoned, () =>
          this.versions.change('jobs', () => target.collection.findOneAndUpdate(filter, update, MERGE_OPTIONS)),
        ),
      begun,
    );
    if (written === null) return null;
    const dict = (written as unknown as { user: unknown[] | object }).user;
    if (Array.isArray(dict) && dict[0] instanceof Uint8Array) return dict[0];
    // What the server answers to a retry of an update that it has made is the document without the projection.
    return this.readDict(target);
  }

  private async readDict(target: Target): Promise<Uint8Array | null> {
    const [found] = await this.calls.run(() =>
      target.collection
        .find<Buffer>(sameJob(target), { raw: true, projection: { _id: 0, user: 1 } })
        .limit(1)
        .toArray(),
    );
    return found?.subarray(USER_OFFSET) ?? null;
  }

  /** Whether the job and its names are still those that were read, and it is the dict that is too large. */
  private async isTooLarge(target: Target, pairs: JsonObject): Promise<boolean> {
    const names = Object.fromEntries(NAME_KINDS.map((kind) => [`cw.${kind}`, target.cw[kind]]));
    const size = { $expr: { $gt: [{ $bsonSize: mergedWith(pairs) }, MOST_DICT_BYTES] } };
    const filter = { ...sameJob(target), ...names, ...size };
    return (await this.calls.run(() => target.collection.findOne(filter, { projection: { _id: 1 } }))) !== null;
  }
}

/** A literal is data: no key of it is ever taken for a path or an operator. */
function mergedWith(pairs: JsonObject): Document {
  return { $mergeObjects: ['$user', { $literal: pairs }] };
}

const TARGET_FIELDS = {
  'slurm.cluster_name': 1,
  'slurm.job_id': 1,
  'source.incarnation': 1,
  ...Object.fromEntries(NAME_KINDS.map((kind) => [`cw.${kind}`, 1])),
};

/**
 * The dict as it is stored, in a list, the one place where the driver leaves a part of an answer as BSON. With `raw`, errors
 * would be BSON as well: a primary that steps down then leaves the driver unable to read any later error of that server.
 */
const MERGE_OPTIONS = {
  returnDocument: 'after',
  projection: { _id: 0, user: ['$user'] },
  fieldsAsRaw: { user: true },
  maxTimeMS: LONGEST_WRITE_MS,
} as const;

/** Where the dict begins in the BSON of `{user: {…}}`: after the length, its type and its name. */
const USER_OFFSET = 4 + 1 + 'user\0'.length;

function sameJob(target: Target) {
  return { _id: target._id as never, 'source.incarnation': target.source.incarnation };
}

function onClusters(clusters: readonly string[] | undefined): string {
  return clusters === undefined ? '' : ` on ${clusters.map(quote).join(', ')}`;
}
