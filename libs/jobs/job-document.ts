import { hash } from 'node:crypto';
import { BSON, Int32, Long } from 'mongodb';
import { NAME_KINDS, type UserNames } from '#libs/auth';
import { isoInstant } from '#libs/common';
import { isJsonNumber, type JsonObject, type JsonValue, toNumber } from '#libs/json';
import { jobPhase } from '#libs/slurm';
import type { JobIdentity } from './job-identity.js';
import type { JobInput, RecordIdentity } from './job-input.js';
import type { AttemptProgress } from './job-reading.js';
import { END_OPEN } from './job.schema.js';

export interface JobKey {
  cluster: string;
  jobId: string;
}

export function keyOf({ slurm }: JobInput): JobKey {
  return { cluster: text(slurm, 'cluster_name') ?? '', jobId: text(slurm, 'job_id') ?? '' };
}

export function identityOf({ slurm, identity }: JobInput): JobIdentity {
  return identityIn({
    field: (name) => slurm.get(name),
    submitted: time(slurm, 'submit_time'),
    restarts: numberOf(slurm.get('restart_count')) ?? null,
    known: identity,
  });
}

/** What tells a job's identity, of a record or of a stored job. */
export function identityIn(job: {
  field: (name: string) => unknown;
  submitted: Date | null;
  restarts: number | null;
  known: Partial<RecordIdentity> | undefined;
}): JobIdentity {
  const text = (name: string) => textOrNull(job.field(name));
  const number = (name: string) => numberOf(job.field(name));
  return {
    submitted: job.submitted?.getTime() ?? null,
    restarts: job.restarts,
    uid: text('uid') ?? null,
    arrayJobId: text('array_job_id'),
    arrayTaskId: number('array_task_id'),
    hetJobId: text('het_job_id'),
    hetJobOffset: number('het_job_offset'),
    workDir: text('work_dir'),
    databaseIndex: job.known?.databaseIndex ?? null,
    sluid: job.known?.sluid ?? null,
  };
}

/** Left out of the hash: it goes up by itself as a job waits. It is written along with whatever else changes. */
const CHANGES_BY_ITSELF = 'priority';

/** Of all that an input says of a job but for its dict: the same again is not written. */
export function contentHash({ slurm, given, attempts }: JobInput): string {
  const lasting = new Map(slurm);
  lasting.delete(CHANGES_BY_ITSELF);
  return hash('sha256', BSON.serialize({ slurm: lasting, given, attempts }), 'base64');
}

/** The `cw` part. The base state decides what a job has come to, the flags beside it where it says nothing. */
export function cwPart(
  input: JobInput,
  names: UserNames,
  attempts: readonly unknown[],
): UserNames & ReturnType<typeof jobPhase> & { attempts: readonly unknown[] } {
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

/** How far an attempt has come. */
export function progressOf({ slurm }: JobInput): AttemptProgress {
  const ended = phaseOf(slurm).phase === 'finished';
  return { ended, live: !ended || flagsOf(slurm).includes('COMPLETING') };
}

function phaseOf(slurm: JsonObject): ReturnType<typeof jobPhase> {
  return jobPhase(text(slurm, 'job_state') ?? '', flagsOf(slurm));
}

function flagsOf(slurm: JsonObject): string[] {
  const flags = slurm.get('state_flags');
  return Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [];
}

function time(slurm: JsonObject, field: string): Date | null {
  const value = text(slurm, field);
  return value === null ? null : isoInstant(value);
}

function text(slurm: JsonObject, field: string): string | null {
  return textOrNull(slurm.get(field)) ?? null;
}

/** Undefined where there is no such field. */
function textOrNull(value: unknown): string | null | undefined {
  return value === undefined ? undefined : typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const json = value as JsonValue;
  return isJsonNumber(json) ? toNumber(json) : null;
}
