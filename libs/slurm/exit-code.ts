import { isJsonObject, member } from './json-object.js';
import type { JobPhase } from './job-state.js';
import { slurmInteger } from './slurm-number.js';
import { slurmWords } from './slurm-text.js';

/**
 * `return:signal`, as Slurm's text commands write it. Three shapes:
 * - 22.05's squeue: a wait status (wait(2)), so that 15 is `0:15` and 768 is `3:0`;
 * - 22.05's sacct: `{status, return_code, signal: {signal_id}}`;
 * - from 24.11 on, everywhere: the same with `status` a list and `signal: {id}`.
 *
 * Null where it is not told. That is the case in 22.05's sacct for a process that exited by itself: whatever it returned is
 * printed as SUCCESS with 0 (`_dump_job_exit_code` in src/plugins/openapi/dbv0.0.38/parse.c), so that 0 is true only where the
 * state says as much.
 */
export function slurmExitCode(value: unknown, job: { state: string; phase: JobPhase }): string | null {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) {
    const status = slurmInteger(value);
    return status === null ? null : waitStatus(status);
  }
  const signal = slurmInteger(member(value['signal'], 'id') ?? member(value['signal'], 'signal_id'));
  const returned = slurmInteger(value['return_code']);
  if (value['status'] === 'SUCCESS') {
    const surelyZero = job.state === 'COMPLETED' || job.phase === 'pending' || job.phase === 'running';
    return surelyZero ? '0:0' : null;
  }
  if (signal !== null) return `${returned ?? 0}:${signal}`;
  if (returned !== null) return `${returned}:0`;
  // A job that has not ended has no code; Slurm's text writes 0:0 for it.
  return slurmWords(value['status']).includes('PENDING') ? '0:0' : null;
}

/** As scontrol computes it: WEXITSTATUS, and WTERMSIG where WIFSIGNALED (0x7f is a stopped process, 0x80 a core dump). */
function waitStatus(status: number): string {
  const signal = status & 0x7f;
  return `${(status >> 8) & 0xff}:${signal === 0x7f ? 0 : signal}`;
}
