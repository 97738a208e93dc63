import type { ReadingSummary } from '../document-reader.js';
import type { JobRecord } from '../job-record.js';
import type { KnownTexts } from '../known-texts.js';
import type { NodeRecord } from '../node-record.js';

/** Where a cluster is asked, in whatever way. Each question costs its Slurm one request. */
export interface SlurmSource {
  /** For messages: `squeue and scontrol on login.example.org by ssh`. */
  readonly description: string;
  /** Every job that slurmctld knows: those that ended a short while ago too. Those whose texts are known are counted alone. */
  jobs(take: Take<JobRecord>, signal: AbortSignal, known?: KnownTexts<JobRecord>): Promise<SourceReading>;
  nodes(take: Take<NodeRecord>, signal: AbortSignal): Promise<SourceReading>;
  /**
   * What accounting has: every run of a job, those before a requeue too (`sacct --duplicates`).
   * @throws SourceError of kind `no_accounting` where the cluster keeps none
   */
  accounting(question: AccountingQuestion, take: Take<JobRecord>, signal: AbortSignal): Promise<SourceReading>;
  /** Ends what is kept open, such as an ssh connection. */
  close(): Promise<void>;
}

/** Records as they are read; the next are read when this has settled. */
export type Take<T> = (records: readonly T[]) => void | Promise<void>;

/** Jobs by Slurm's own ids (at most 500), or all that were not over before `from` and had begun to exist by `to` (epoch seconds). */
export type AccountingQuestion = { jobIds: readonly string[] } | { from: number; to: number };

/** A question that was answered whole. */
export interface SourceReading extends ReadingSummary {
  /** When the cluster said so, milliseconds since 1970: now, but for files. */
  observedAt: number;
  /** How long the cluster took over its answer. */
  milliseconds: number;
  bytes: number;
}

export type SourceErrorKind =
  'unreachable' | 'unauthorized' | 'timeout' | 'too_large' | 'failed' | 'unreadable' | 'no_accounting';

/** A question that was not answered, or not whole. The message is a sentence for whoever administers the cluster, with what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  constructor(
    readonly kind: SourceErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
