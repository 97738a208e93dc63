import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { SchemaTypes, type Types } from 'mongoose';
import type { UserNames } from '#libs/auth';

/** What a job is found and ordered by, as proper types, so that no read has to parse. */
export interface DerivedPart {
  /** When it was submitted; null where Slurm does not know. */
  submitted: Date | null;
  /** When it ended, of a finished job whose end is known; else END_OPEN, so that one comparison serves the `time` filter. */
  ended: Date;
  /** The job id as a number, which orders as such. */
  job_number: bigint;
  /** Its names of all kinds, those filled in included. */
  names: string[];
  /** One that waits for several partitions names them with commas in `slurm.partition`. */
  partitions: string[];
}

/** What Clockwork has to remember to tell the next reading of the same job from a new one. */
export interface SourcePart {
  /** Stays while the job is the same; a job id that Slurm issued anew gets another. */
  incarnation: Types.ObjectId;
  /** Of what was last written; the same again is not written. */
  hash: string;
  restarts: number | null;
  /** The names that the job came with: never overwritten, and what filling in starts from. */
  given: UserNames;
  databaseIndex?: string | null;
  sluid?: string | null;
  /** Slurm may still change it; absent where it may not, or nobody expects that it will. */
  live?: true;
  /** Since when the controller does not show it any more, while accounting does not say how it ended. */
  vanished?: Date;
  /** When it last came back from the archive of those that ended long ago. */
  returned?: Date;
}

/** A job's move to the front of the list, by a submit time that is later, or known at last. */
export interface JobMove {
  /** Goes up by one with each move of any job. */
  number: number;
  from: Date | null;
  to: Date;
}

/** Later than every end: the last instant that ECMAScript's dates know. */
export const END_OPEN = new Date(8.64e15);

/** A stored job: `slurm`, `cw` and `user` are shown, as they stand here; the rest serves to find it. */
@Schema({ collection: 'jobs', versionKey: false, minimize: false })
export class Job {
  @Prop({ type: SchemaTypes.Mixed, required: true })
  slurm!: Record<string, unknown>;

  @Prop({ type: SchemaTypes.Mixed, required: true })
  cw!: UserNames & { phase: string; outcome: string | null; attempts: unknown[]; stale?: true };

  /** The owner's dict. Its keys may be anything, so it is only ever read as raw BSON and written as a literal. */
  @Prop({ type: SchemaTypes.Mixed, required: true })
  user!: unknown;

  @Prop({ type: SchemaTypes.Mixed, required: true })
  derived!: DerivedPart;

  @Prop({ type: SchemaTypes.Mixed, required: true })
  source!: SourcePart;

  /** How its place in the list's order has changed, oldest first. */
  @Prop({ type: SchemaTypes.Mixed })
  moves?: JobMove[];

  /** The job that had this id before, while it is on its way to the archive. */
  @Prop({ type: SchemaTypes.Mixed })
  predecessor?: Record<string, unknown>;
}

/** Newest submission first (unknown last), then cluster, then job id as a number. */
export const JOB_ORDER = { 'derived.submitted': -1, 'slurm.cluster_name': 1, 'derived.job_number': 1 } as const;

export const JobSchema = SchemaFactory.createForClass(Job);
JobSchema.index({ 'slurm.cluster_name': 1, 'slurm.job_id': 1 }, { name: 'cluster_job', unique: true });
JobSchema.index({ 'slurm.job_id': 1 }, { name: 'job' });
JobSchema.index(
  { 'slurm.array_job_id': 1, 'slurm.array_task_id': 1 },
  { name: 'array_task', partialFilterExpression: { 'slurm.array_job_id': { $type: 'string' } } },
);
JobSchema.index(
  { 'slurm.het_job_id': 1, 'slurm.het_job_offset': 1 },
  { name: 'het_component', partialFilterExpression: { 'slurm.het_job_id': { $type: 'string' } } },
);
JobSchema.index(JOB_ORDER, { name: 'order' });
JobSchema.index({ 'derived.ended': 1 }, { name: 'ended' });
JobSchema.index({ 'moves.number': 1 }, { name: 'moves', sparse: true });
// The ids of all jobs that Slurm may still change are read in every cycle: from this index alone, which therefore has its
// own condition among its keys.
JobSchema.index(
  { 'slurm.cluster_name': 1, 'slurm.job_id': 1, 'source.live': 1 },
  { name: 'live', partialFilterExpression: { 'source.live': true } },
);
JobSchema.index(
  { 'slurm.cluster_name': 1, 'source.vanished': 1 },
  { name: 'vanished', partialFilterExpression: { 'source.vanished': { $exists: true } } },
);
// Each filter of a list with the list's order behind it: the jobs of one user, or of one state, come from the index in
// their order, however many others there are.
for (const [name, path] of Object.entries({
  names: 'derived.names',
  cluster: 'slurm.cluster_name',
  state: 'slurm.job_state',
  phase: 'cw.phase',
  outcome: 'cw.outcome',
  partition: 'derived.partitions',
  account: 'slurm.account',
  array: 'slurm.array_job_id',
})) {
  JobSchema.index({ [path]: 1, ...JOB_ORDER }, { name: `${name}_order` });
}

/** A job whose id Slurm has issued anew, with its dict, as it stood at the end. */
@Schema({ collection: 'jobs_archive', versionKey: false, minimize: false })
export class ArchivedJob extends Job {
  @Prop({ type: Date, required: true })
  archived!: Date;
}

export const ArchivedJobSchema = SchemaFactory.createForClass(ArchivedJob);
ArchivedJobSchema.index({ 'source.incarnation': 1 }, { name: 'incarnation', unique: true });
ArchivedJobSchema.index({ 'slurm.cluster_name': 1, 'slurm.job_id': 1 }, { name: 'cluster_job' });
