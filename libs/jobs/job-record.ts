import { NAME_KINDS, NO_NAMES, normalName, type UserNames } from '#libs/auth';
import { type FieldError, fieldError, isFieldError, isoInstant } from '#libs/common';
import { isInteger, isJsonObject, type JsonObject, type JsonValue } from '#libs/json';
import { parseJobState } from '#libs/slurm';
import type { JobInput } from './job-input.js';
import { UNKNOWN_TIME } from './unknown-time.js';
import { dictLimitExceeded } from './user-dict-limits.js';

/** The key in an exported job's `cw` that says which names the users table filled in: they are not the job's own. */
export const FILLED_IN = 'filled_in';

const TIMES = ['submit_time', 'start_time', 'end_time'];
const TEXTS = ['partition', 'account', 'nodes', 'cc_account_username', 'mila_cluster_username'];
const IDS = ['uid', 'array_job_id', 'het_job_id'];
const INTEGERS = ['array_task_id', 'het_job_offset', 'time_limit', 'restart_count'];

/**
 * Checks one job of an import, `{slurm, cw, user}`, and brings it into the stored form: ids as text, unknown times as
 * "Unknown", the state as its base name.
 * @returns the job, or what is wrong with which field
 */
export function jobInput(record: JsonObject): JobInput | FieldError {
  const slurm = slurmPart(record.get('slurm'));
  if (isFieldError(slurm)) return slurm;
  const cw = record.get('cw') ?? null;
  if (cw !== null && !isJsonObject(cw)) return fieldError('cw', 'it must be an object');
  const given = givenNames(slurm, cw);
  if (isFieldError(given)) return given;
  const attempts = cw?.get('attempts') ?? [];
  if (!Array.isArray(attempts) || !attempts.every(isJsonObject)) {
    return fieldError('cw.attempts', 'it must be a list of objects');
  }
  const user = record.get('user') ?? null;
  if (user === null) return { slurm, given, attempts, user };
  if (!isJsonObject(user)) return fieldError('user', 'it must be an object');
  const exceeded = dictLimitExceeded(user);
  return exceeded === null ? { slurm, given, attempts, user } : fieldError('user', exceeded);
}

function slurmPart(part: JsonValue | undefined): JsonObject | FieldError {
  if (!isJsonObject(part)) return fieldError('slurm', 'it must be an object');
  const slurm = new Map(part);
  const cluster = slurm.get('cluster_name');
  if (typeof cluster !== 'string' || !/^[^,\0]+$/.test(cluster)) {
    return fieldError('slurm.cluster_name', 'it must be a text, not empty and without commas');
  }
  const jobId = idDigits(slurm.get('job_id') ?? null);
  if (jobId === null)
    return fieldError('slurm.job_id', 'it must be a text of up to 18 digits, the first not 0, such as "820432"');
  slurm.set('job_id', jobId);
  const state = stateOf(slurm.get('job_state'));
  if (state === null) return fieldError('slurm.job_state', "it must be one of Slurm's states, such as RUNNING");
  slurm.set('job_state', state.state);
  if (state.flags.length > 0 && !slurm.has('state_flags')) slurm.set('state_flags', state.flags);
  return firstError(slurm) ?? slurm;
}

/** Checks the fields that are there and of a kind; what is sent as a number where a text is kept becomes that text. */
function firstError(slurm: JsonObject): FieldError | null {
  for (const field of TIMES) {
    const value = slurm.get(field);
    if (value === null) slurm.set(field, UNKNOWN_TIME);
    else if (
      value !== undefined &&
      value !== UNKNOWN_TIME &&
      !(typeof value === 'string' && isoInstant(value) !== null)
    ) {
      return fieldError(`slurm.${field}`, 'it must be an ISO 8601 time with an offset, or "Unknown"');
    }
  }
  for (const field of TEXTS) {
    const value = slurm.get(field) ?? null;
    if (value !== null && typeof value !== 'string') return fieldError(`slurm.${field}`, 'it must be a text or null');
  }
  for (const field of IDS) {
    const value = slurm.get(field) ?? null;
    if (value === null) continue;
    const id = digits(value);
    if (id === null) return fieldError(`slurm.${field}`, 'it must be a text of digits, or null');
    slurm.set(field, id);
  }
  for (const field of INTEGERS) {
    const value = slurm.get(field) ?? null;
    if (value !== null && !isInteger(value)) return fieldError(`slurm.${field}`, 'it must be an integer or null');
  }
  return null;
}

/** As Slurm writes ids: two texts of one number would have the same place in the list. */
function idDigits(value: JsonValue): string | null {
  const text = digits(value);
  return text !== null && /^(0|[1-9]\d{0,17})$/.test(text) ? text : null;
}

function digits(value: JsonValue): string | null {
  const text = isInteger(value) ? value.toString() : value;
  return typeof text === 'string' && /^\d+$/.test(text) ? text : null;
}

function stateOf(value: JsonValue | undefined): { state: string; flags: string[] } | null {
  const words = Array.isArray(value) ? value : [value];
  if (!words.every((word) => typeof word === 'string')) return null;
  const parsed = parseJobState(words);
  return /^[A-Z_]+$/.test(parsed.state) ? parsed : null;
}

/** The names in `cw`, less those that an export says were filled in; the account name in `slurm` where `cw` has none. */
function givenNames(slurm: JsonObject, cw: JsonObject | null): UserNames | FieldError {
  const filledIn = cw?.get(FILLED_IN);
  const names = { ...NO_NAMES };
  for (const kind of NAME_KINDS) {
    const own = Array.isArray(filledIn) && filledIn.includes(kind) ? null : (cw?.get(kind) ?? null);
    if (own !== null && typeof own !== 'string') return fieldError(`cw.${kind}`, 'it must be a text or null');
    const account = kind === 'mila_email_username' ? null : slurm.get(kind);
    // An empty name is none.
    const name = [own, account].find((candidate) => typeof candidate === 'string' && candidate !== '');
    names[kind] = typeof name === 'string' ? normalName(kind, name) : null;
  }
  return names;
}
