import { createHash } from 'node:crypto';
import { BSON, Int32, Long } from 'mongodb';
import { NAME_KINDS, type UserNames } from '#libs/auth';
import { isJsonNumber, type JsonObject, type JsonValue, toNumber } from '#libs/json';
import { jobPhase } from '#libs/slurm';
import { isoInstant } from './iso-instant.js';
import type { JobIdentity } from './job-identity.js';
import type { JobInput } from './job-input.js';
import { END_OPEN } from './job.schema.js';

export interface JobKey {
  cluster: string;
  jobId: string;
}

export function keyOf({ slurm }: JobInput): JobKey {
  return { cluster: text(slurm, 'cluster_name') ?? '', jobId: text(slurm, 'job_id') ?? '' };
}

export function identityOf({ slurm }: JobInput): JobIdentity {
  const restarts = slurm.get('restart_count');
  return {
    submitted: time(slurm, 'submit_time')?.getTime() ?? null,
    restarts: isJsonNumber(restarts) ? toNumber(restarts) : null,
    uid: text(slurm, 'uid'),
  };
}

/** Of all that an input says of a job but for its dict: the same again is not written. */
export function contentHash({ slurm, given, attempts }: JobInput): string {
  return createHash('sha256').update(BSON.serialize({ slurm, given, attempts })).digest('base64');
}

/** The `cw` part. The base state decides what a job has come to, the flags beside it where it says nothing. */
export function cwPart(input: JobInput, names: UserNames, attempts: readonly unknown[]): Record<string, unknown> {
  const { phase, outcome } = phaseOf(input.slurm);
  return { ...orderedNames(names), phase, outcome, attempts };
}

export function derivedPart({ slurm }: JobInput, names: UserNames): Record<string, unknown> {
  const { phase } = phaseOf(slurm);
  return {
    submitted: time(slurm, 'submit_time'),
    ended: (phase === 'finished' ? time(slurm, 'end_time') : null) ?? END_OPEN,
    job_number: Long.fromString(text(slurm, 'job_id') ?? '0'),
    names: nameList(names),
    partitions: (text(slurm, 'partition') ?? '').split(',').filter((partition) => partition !== ''),
  };
}

/** A job's names of all kinds, each once, for the index. */
export function nameList(names: UserNames): string[] {
  return [...new Set(NAME_KINDS.flatMap((kind) => names[kind] ?? []))];
}

/** One order of keys, so that stored names compare as a whole. */
export function orderedNames(names: UserNames): UserNames {
  return {
    cc_account_username: names.cc_account_username,
    mila_cluster_username: names.mila_cluster_username,
    mila_email_username: names.mila_email_username,
  };
}

/** What is kept of an attempt when the job was requeued: how far it had come when it was last seen. */
export const ATTEMPT_FIELDS = [
  'restart_count',
  'submit_time',
  'start_time',
  'end_time',
  'job_state',
  'state_reason',
  'exit_code',
  'nodes',
];

export function attemptOf(slurm: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(ATTEMPT_FIELDS.map((field) => [field, stored(slurm[field])]));
}

/** Numbers that the driver has made plain become integers again, as they were. */
function stored(value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? new Int32(value) : (value ?? null);
}

function phaseOf(slurm: JsonObject): ReturnType<typeof jobPhase> {
  const flags = slurm.get('state_flags');
  const words = Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [];
  return jobPhase(text(slurm, 'job_state') ?? '', words);
}

function time(slurm: JsonObject, field: string): Date | null {
  const value = text(slurm, field);
  return value === null ? null : isoInstant(value);
}

function text(slurm: JsonObject, field: string): string | null {
  const value: JsonValue | undefined = slurm.get(field);
  return typeof value === 'string' ? value : null;
}
