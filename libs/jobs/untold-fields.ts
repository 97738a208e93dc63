import { NAME_KINDS, type UserNames } from '#libs/auth';
import { fromPlainJson, type JsonValue } from '#libs/json';
import { UNKNOWN_TIME } from './unknown-time.js';
import type { JobInput } from './job-input.js';
import type { ReadingOrigin } from './job-origin.js';

interface UntoldField {
  /** The sources in which null, `"Unknown"` or an empty text is "not told here" and not a statement. */
  by: readonly ReadingOrigin[];
  /** It is of one attempt: a requeue begins anew without it. */
  ofAttempt?: true;
}

const ACCOUNTING: UntoldField = { by: ['accounting'] };
const EITHER: UntoldField = { by: ['controller', 'accounting'] };
const ofAttempt = (field: UntoldField): UntoldField => ({ ...field, ofAttempt: true });

/**
 * The fields of `slurm` in which a source's silence does not unsay what is known. In all others null is what Slurm says: `nodes` and
 * `start_time` of a job that never started, `end_time` of one without a limit, `eligible_time` while it waits,
 * `state_reason` and `state_flags` that are over, `array_task_string` of the task that takes the array's own id.
 */
const UNTOLD_FIELDS: Readonly<Record<string, UntoldField>> = {
  // Always told of a real job; null is a source without the column.
  name: EITHER,
  partition: EITHER,
  num_nodes: EITHER,
  num_cpus: EITHER,
  tres_requested: EITHER,
  work_dir: EITHER,
  submit_time: ofAttempt(EITHER),
  // 22.05's sacct has neither.
  uid: EITHER,
  restart_count: EITHER,
  // Null where Slurm's host does not know the uid, as while its directory service is away.
  mila_cluster_username: EITHER,
  cc_account_username: EITHER,
  // A controller whose slurmdbd was away when the job came has none, and keeps none; accounting may know better.
  account: EITHER,
  qos: EITHER,
  // Empty in most of 22.05's squeue, and not in its sacct; never in sacct: the command.
  command: EITHER,
  stdin: EITHER,
  stdout: EITHER,
  stderr: EITHER,
  // An attempt stays the part of an array or of a heterogeneous job that it is.
  array_job_id: EITHER,
  array_task_id: EITHER,
  het_job_id: EITHER,
  het_job_offset: EITHER,
  // The controller may be asked by a text that has none; not written for its own sake either.
  priority: EITHER,
  // 22.05's sacct does not tell of most failed jobs; what the controller said before the end is no exit code, see below.
  exit_code: ofAttempt(EITHER),
  // Of the controller null is "not yet", also after a requeue; sacct leaves a count that it does not know out.
  tres_allocated: ofAttempt(ACCOUNTING),
  // In the controller null is unlimited; in sacct also "the partition's, which was never looked up".
  time_limit: ACCOUNTING,
  // 22.05's sacct has no name, only a number.
  resv_name: ACCOUNTING,
  // Kept by accounting only where a site says so (AccountingStoreFlags); in the controller null is that it was taken away.
  comment: ACCOUNTING,
  // Not in sacct; in the controller null is that it is fulfilled.
  dependency: ACCOUNTING,
};

/** The fields that may have to be known of a job on file to write the next record of it. */
export const FIELDS_TO_KEEP = Object.keys(UNTOLD_FIELDS);

/** What is known of a job from earlier records of it. */
export interface KnownJob {
  slurm: Readonly<Record<string, unknown>>;
  given: UserNames;
  /** Whether it has ended, as far as it is known. */
  ended: boolean;
}

/**
 * A record of the same job with what its source does not tell filled in from what is known.
 * @param isSameAttempt or else a later one, after a requeue
 */
export function withKnownFields(
  input: JobInput,
  known: KnownJob,
  { origin, isSameAttempt }: { origin: ReadingOrigin; isSameAttempt: boolean },
): JobInput {
  const kept = new Map<string, JsonValue>();
  for (const [field, { by, ofAttempt }] of Object.entries(UNTOLD_FIELDS)) {
    if (!by.includes(origin) || (ofAttempt === true && !isSameAttempt) || !isUntold(input.slurm.get(field))) continue;
    // Slurm shows this of every job that has not ended.
    if (field === 'exit_code' && !known.ended && known.slurm[field] === '0:0') continue;
    const value = stored(known.slurm[field]);
    if (!isUntold(value)) kept.set(field, value);
  }
  return {
    ...input,
    slurm: kept.size === 0 ? input.slurm : new Map([...input.slurm, ...kept]),
    given: withKnownNames(input.given, known.given),
  };
}

function withKnownNames(given: UserNames, known: UserNames): UserNames {
  const names = { ...given };
  for (const kind of NAME_KINDS) names[kind] ??= known[kind];
  return names;
}

function isUntold(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '' || value === UNKNOWN_TIME;
}

/** These fields are texts and integers; the driver gives integers as plain numbers. */
function stored(value: unknown): JsonValue {
  return typeof value === 'string' || typeof value === 'number' ? fromPlainJson(value) : null;
}
