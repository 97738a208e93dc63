/** What the `slurm` dict of a job or a node may hold: JSON without nested objects. */
export type SlurmValue = string | number | boolean | null | SlurmValue[];

/** How a cluster's records become the documented `slurm` dict. */
export interface ClusterDescription {
  /** The name that Clockwork knows it by, which is what its jobs and nodes are found by. */
  name: string;
  /** Whose account names it has: Mila's, or those of Compute Canada (`cc`). */
  accountKind: 'mila' | 'cc';
  /** IANA name, `America/Toronto`; times are written with its offset. */
  timeZone: string;
}
