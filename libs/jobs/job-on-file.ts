import type { Document, ObjectId } from 'mongodb';
import { ATTEMPT_FIELDS, identityIn, type JobKey } from './job-document.js';
import type { JobIdentity } from './job-identity.js';
import type { AttemptOnFile } from './job-reading.js';
import type { DerivedPart, SourcePart } from './job.schema.js';
import { FIELDS_TO_KEEP, type KnownJob } from './untold-fields.js';

/** What of a job on file tells whether a record says anything new. */
export interface JobAtAGlance {
  _id: ObjectId;
  slurm: { cluster_name: string; job_id: string };
  cw: { stale?: true };
  source: Pick<SourcePart, 'hash'>;
  predecessor?: { source: Pick<SourcePart, 'incarnation'> };
}

export const AT_A_GLANCE = {
  'slurm.cluster_name': 1,
  'slurm.job_id': 1,
  'cw.stale': 1,
  'source.hash': 1,
  'predecessor.source.incarnation': 1,
};

/** What has to be known of a job on file to write the next record of it. */
export interface JobOnFile {
  _id: ObjectId;
  slurm: Record<string, unknown> & { cluster_name: string; job_id: string };
  cw: { phase: string; attempts: Document[]; stale?: true };
  derived: Pick<DerivedPart, 'submitted'>;
  source: SourcePart;
}

export const ON_FILE = {
  ...Object.fromEntries(
    ['cluster_name', 'job_id', ...ATTEMPT_FIELDS, ...FIELDS_TO_KEEP].map((field) => [`slurm.${field}`, 1]),
  ),
  'cw.phase': 1,
  'cw.attempts': 1,
  'cw.stale': 1,
  'derived.submitted': 1,
  source: 1,
};

export function keyOnFile({ slurm }: Pick<JobAtAGlance, 'slurm'>): JobKey {
  return { cluster: slurm.cluster_name, jobId: slurm.job_id };
}

export function identityOnFile({ derived, source, slurm }: JobOnFile): JobIdentity {
  return identityIn({
    field: (name) => slurm[name],
    submitted: derived.submitted,
    restarts: source.restarts,
    known: source,
  });
}

export function attemptOnFile({ cw, source }: JobOnFile): AttemptOnFile {
  return { ended: cw.phase === 'finished', live: source.live === true, vanished: source.vanished !== undefined };
}

export function knownOf({ slurm, source, cw }: JobOnFile): KnownJob {
  return { slurm, given: source.given, ended: cw.phase === 'finished' };
}

/** Matches the job only as long as nobody else has written it since it was read; updates of its dict do not count. */
export function asRead(present: JobOnFile) {
  return {
    _id: present._id as never,
    'source.incarnation': present.source.incarnation,
    'source.hash': present.source.hash,
  };
}
