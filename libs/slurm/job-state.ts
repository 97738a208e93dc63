/** What a job's state comes to. `unknown` is a state that Slurm did not have when this was written. */
export type JobPhase = (typeof JOB_PHASES)[number];
export const JOB_PHASES = ['pending', 'running', 'finished', 'unknown'] as const;

/** How a finished job ended. */
export type JobOutcome = (typeof JOB_OUTCOMES)[number];
export const JOB_OUTCOMES = [
  'completed',
  'failed',
  'timeout',
  'out_of_memory',
  'cancelled',
  'node_failure',
  'preempted',
  'unknown',
] as const;

interface Meaning {
  phase: JobPhase;
  outcome: JobOutcome | null;
}

const PENDING: Meaning = { phase: 'pending', outcome: null };
const RUNNING: Meaning = { phase: 'running', outcome: null };
const UNKNOWN: Meaning = { phase: 'unknown', outcome: null };
const finished = (outcome: JobOutcome): Meaning => ({ phase: 'finished', outcome });

/** The base states (`enum job_states` of slurm.h), one of which every job is in. A suspended job keeps its nodes. */
const BASE_STATES: ReadonlyMap<string, Meaning> = new Map([
  ['PENDING', PENDING],
  ['RUNNING', RUNNING],
  ['SUSPENDED', RUNNING],
  ['COMPLETED', finished('completed')],
  ['CANCELLED', finished('cancelled')],
  ['FAILED', finished('failed')],
  ['TIMEOUT', finished('timeout')],
  ['NODE_FAIL', finished('node_failure')],
  ['PREEMPTED', finished('preempted')],
  ['BOOT_FAIL', finished('node_failure')],
  ['DEADLINE', finished('timeout')],
  ['OUT_OF_MEMORY', finished('out_of_memory')],
]);

/**
 * The flags that may stand beside a base state (`JOB_STATE_FLAGS` of slurm.h), and what each says where a source shows it alone,
 * as 22.05's squeue and every text command do (`job_state_string` of slurm_protocol_defs.c): null where it decides nothing. Of
 * several without a base state the first in this order counts, so that an end is never taken from a mixture.
 */
const STATE_FLAGS: ReadonlyMap<string, Meaning | null> = new Map([
  ['COMPLETING', RUNNING],
  ['CONFIGURING', RUNNING],
  ['STOPPED', RUNNING],
  ['RESIZING', RUNNING],
  ['SIGNALING', RUNNING],
  ['STAGE_OUT', RUNNING],
  ['REQUEUED', PENDING],
  ['REQUEUE_FED', PENDING],
  ['REQUEUE_HOLD', PENDING],
  ['SPECIAL_EXIT', PENDING],
  ['RESV_DEL_HOLD', PENDING],
  ['REVOKED', finished('cancelled')],
  ['LAUNCH_FAILED', null],
  ['UPDATE_DB', null],
  ['RECONFIG_FAIL', null],
  ['POWER_UP_NODE', null],
  ['EXPEDITING', null],
]);

/** Every name that Slurm has for a job's state or for a flag of it. */
export const JOB_STATES: readonly string[] = [...BASE_STATES.keys(), ...STATE_FLAGS.keys()];

/**
 * The base state and the flags of a state as any source writes it: a word of any case, a list, `FAILED,COMPLETING`,
 * `FAILED+COMPLETING`, or sacct's `CANCELLED by 123` (a uid). The base state is found wherever it stands; without one the first
 * name is the state. Never throws; a text that names nothing has the state `''`.
 */
export function parseJobState(value: string | readonly string[]): { state: string; flags: string[] } {
  const texts = typeof value === 'string' ? [value] : value;
  const [only = ''] = texts;
  if (texts.length === 1 && BASE_STATES.has(only)) return { state: only, flags: [] };
  const names = new Set(
    texts
      .map((text) => text.toUpperCase().replace(/\bBY\s+\d+\s*$/, ''))
      .flatMap((text) => text.split(/[\s,+]+/))
      .filter((name) => name !== ''),
  );
  const state = [...names].find((name) => BASE_STATES.has(name)) ?? [...names][0] ?? '';
  names.delete(state);
  return { state, flags: [...names] };
}

/**
 * What a state means: the base state decides, whatever flags stand beside it; a flag decides where there is no base state.
 * `outcome` is null until the job is finished. Takes what {@link parseJobState} gives.
 */
export function jobPhase(
  state: string,
  flags: readonly string[] = [],
): { phase: JobPhase; outcome: JobOutcome | null } {
  const base = BASE_STATES.get(state);
  if (base !== undefined) return { ...base };
  // A base state that this table does not know decides too, namely that nobody knows.
  if (!STATE_FLAGS.has(state)) return { ...UNKNOWN };
  for (const [flag, meaning] of STATE_FLAGS) {
    if (meaning !== null && (flag === state || flags.includes(flag))) return { ...meaning };
  }
  return { ...UNKNOWN };
}
