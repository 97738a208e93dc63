import { type Document, ObjectId, type UpdateFilter } from 'mongodb';
import type { UserNames } from '#libs/auth';
import { jobPhase } from '#libs/slurm';
import { attemptOf, contentHash, cwPart, derivedPart, identityOf, orderedNames, progressOf } from './job-document.js';
import type { JobRelation } from './job-identity.js';
import type { JobInput } from './job-input.js';
import { asRead, type JobOnFile, knownOf } from './job-on-file.js';
import type { JobOrigin } from './job-origin.js';
import type { JobMove } from './job.schema.js';
import { withKnownFields } from './untold-fields.js';

export interface JobUpdate {
  filter: Document;
  update: UpdateFilter<Document>;
}

export type Move = Pick<JobMove, 'from' | 'to'>;

/** A record of a job on file, as it is to be written. */
export interface NextRecord {
  input: JobInput;
  /** Of the record as its source gave it: the next time it need not be looked at any further. */
  hash: string;
  relation: Extract<JobRelation, 'same' | 'requeued'>;
}

export function newJob(input: JobInput, names: UserNames, hash: string): Document {
  return {
    slurm: input.slurm,
    cw: cwPart(input, names, input.attempts),
    user: input.user ?? new Map(),
    derived: derivedPart(input, names),
    source: { incarnation: new ObjectId(), ...sourceOf(input, hash) },
  };
}

/** What a record of a job on file comes to, together with what is known of the job. */
export function nextRecord(present: JobOnFile, { input, hash, relation }: NextRecord, origin: JobOrigin): NextRecord {
  const isSameAttempt = relation === 'same';
  const before = isSameAttempt ? present.source : undefined;
  const identity = {
    databaseIndex: input.identity?.databaseIndex ?? before?.databaseIndex ?? null,
    sluid: input.identity?.sluid ?? before?.sluid ?? null,
  };
  if (origin === 'import') {
    const kept = withKnownTime(present, input);
    return { input: { ...kept, identity }, hash: kept === input ? hash : contentHash(kept), relation };
  }
  const kept = withKnownFields(input, knownOf(present), { origin, isSameAttempt });
  return { input: { ...kept, identity }, hash, relation };
}

export function updateOf(present: JobOnFile, { input, hash, relation }: NextRecord, names: UserNames): JobUpdate {
  const { attempts, ...cw } = cwPart(input, names, newAttempts(present, { input, relation }));
  const source = sourceOf(input, hash);
  const gone = ['databaseIndex', 'sluid', 'live', 'vanished'].filter((field) => !(field in source));
  return {
    filter: asRead(present),
    update: {
      $set: {
        slurm: input.slurm,
        derived: derivedPart(input, names),
        ...under('source', source),
        ...under('cw', cw),
      },
      $unset: { 'cw.stale': 1, ...under('source', Object.fromEntries(gone.map((field) => [field, 1 as const]))) },
      ...(attempts.length === 0 ? {} : { $push: { 'cw.attempts': { $each: attempts } } as never }),
    },
  };
}

/** What accounting says of how an attempt ended that a requeue has followed, where that was not seen. */
export function endOfAttempt(present: JobOnFile, input: JobInput): JobUpdate | null {
  const state = endStateOf(input);
  const told = attemptOf(Object.fromEntries(input.slurm));
  const attempt = present.cw.attempts.find((each) => each['submit_time'] === told['submit_time']);
  if (state === null || attempt === undefined) return null;
  const before = String(attempt['job_state']);
  if (before === REQUEUED || jobPhase(before).phase === 'finished') return null;
  told['job_state'] = state;
  const known = Object.entries(told).filter(([, value]) => value !== null);
  return {
    filter: { ...asRead(present), 'cw.attempts.submit_time': told['submit_time'] },
    update: { $set: under('cw.attempts.$', Object.fromEntries(known)) },
  };
}

const REQUEUED = 'REQUEUED';

/** Accounting's JSON has the run that a requeue ended as PENDING, with a flag, its text and that of 22.05 by the flag alone. */
function endStateOf(input: JobInput): string | null {
  const state = input.slurm.get('job_state');
  const flags = input.slurm.get('state_flags');
  if (state === REQUEUED || (Array.isArray(flags) && flags.includes(REQUEUED))) return REQUEUED;
  return typeof state === 'string' && progressOf(input).ended ? state : null;
}

/** Where a job's place in the list becomes another. */
export function moveOf(present: JobOnFile, input: JobInput): Move | null {
  const { submitted } = identityOf(input);
  const from = present.derived.submitted;
  if (submitted === null || submitted === from?.getTime()) return null;
  return { from, to: new Date(submitted) };
}

export function withMove({ filter, update }: JobUpdate, move: JobMove): JobUpdate {
  return { filter, update: { ...update, $push: { ...update.$push, moves: move } as never } };
}

function sourceOf(input: JobInput, hash: string): Record<string, unknown> {
  const { databaseIndex = null, sluid = null } = input.identity ?? {};
  return {
    hash,
    restarts: identityOf(input).restarts,
    given: orderedNames(input.given),
    ...(databaseIndex === null ? {} : { databaseIndex }),
    ...(sluid === null ? {} : { sluid }),
    ...(progressOf(input).live ? { live: true } : {}),
  };
}

function under<T>(part: string, fields: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${part}.${key}`, value]));
}

/** A record that does not know when a job was submitted does not unsay it: the job keeps its time, and its place. */
function withKnownTime(present: JobOnFile, input: JobInput): JobInput {
  const known = present.slurm['submit_time'];
  if (present.derived.submitted === null || identityOf(input).submitted !== null || typeof known !== 'string') {
    return input;
  }
  return { ...input, slurm: new Map(input.slurm).set('submit_time', known) };
}

/** The attempts to add to those on file: any that came with the input, and the one that a requeue ended. */
export function newAttempts(
  present: JobOnFile,
  { input, relation }: Pick<NextRecord, 'input' | 'relation'>,
): unknown[] {
  const known = new Set(present.cw.attempts.map((attempt): unknown => attempt['submit_time']));
  const came = input.attempts.filter((attempt) => !known.has(attempt.get('submit_time')));
  if (relation !== 'requeued') return came;
  const ended = attemptOf(present.slurm);
  const told = came.some((attempt) => attempt.get('submit_time') === ended['submit_time']);
  return told ? came : [...came, ended];
}
