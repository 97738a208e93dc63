import type { UserNames } from '#libs/auth';
import type { JsonObject } from '#libs/json';

/** A job on its way into the database, whatever it was read from. */
export interface JobInput {
  /**
   * The public `slurm` part, checked: `cluster_name`, `job_id` and `job_state` are there, times are ISO 8601 or
   * "Unknown".
   */
  slurm: JsonObject;
  /** The names that the job came with, the account name in `slurm` included. */
  given: UserNames;
  /** Earlier attempts that came with it, as in `cw.attempts`. */
  attempts: JsonObject[];
  /** For a job that is not there yet; null: none came with it, which is an empty dict. */
  user: JsonObject | null;
  /** What a reading tells besides, which is not shown; absent where nothing is told. */
  identity?: RecordIdentity;
}

/** By what Slurm itself tells the records of one job id apart; null where the source does not say. */
export interface RecordIdentity {
  /** Accounting's number of the record (`DBIndex`). */
  databaseIndex: string | null;
  /** The job's sortable unique id, of 26.05. */
  sluid: string | null;
}
