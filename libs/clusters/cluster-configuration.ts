import type { SourceConfiguration, SourceLimits } from '#libs/slurm';

/** Which of a job's usernames its account name is: under which key of `slurm` and `cw` it appears. */
export const ACCOUNT_KINDS = ['mila', 'cc'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** A cluster as the clusters file describes it, checked, with every default filled in. */
export interface ClusterConfiguration {
  /** As Clockwork calls it, whatever its Slurm does. */
  name: string;
  accountKind: AccountKind;
  /** IANA, such as `America/Toronto`. */
  timeZone: string;
  /** From the start of one reading to that of the next. */
  intervalMs: number;
  /** How long accounting is asked for a job that has vanished, until its phase is `unknown`. */
  unknownAfterMs: number;
  /** Whose jobs are not kept; of the partitions, nor the nodes that are in none but these. */
  leaveOut: { partitions: readonly string[]; accounts: readonly string[] };
  source: SourceConfiguration;
  /** Of one question to its Slurm. */
  limits: SourceLimits;
}
