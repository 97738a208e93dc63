/** One node as Slurm tells it, whatever version or command it came from. Null is "Slurm does not say" unless said otherwise. */
export interface NodeRecord {
  name: string;
  /** `x86_64`; null for a node that never registered. */
  arch: string | null;
  /** Those that the node has (AvailableFeatures), comma-separated; null is none. */
  features: string | null;
  /** Configured generic resources, `gpu:rtx8000:2`; null is none. */
  gres: string | null;
  /** Those in use, `gpu:rtx8000:1(IDX:1)`; in text only where it was asked for in detail (`-d`). */
  gresUsed: string | null;
  addr: string | null;
  /** RealMemory, MB. */
  memory: number | null;
  /** MB given to jobs; 0 where memory is not a resource that Slurm counts. */
  allocMemory: number | null;
  cpus: number | null;
  allocCpus: number | null;
  /** The base state and, each after a `+`, the flags in Slurm's order, all upper case: `IDLE`, `MIXED+DRAIN`, `DOWN+NOT_RESPONDING`. */
  state: string;
  /** CfgTRES: `cpu=40,mem=191000M,billing=46`. */
  cfgTres: string | null;
  /** AllocTRES; null is nothing allocated. */
  allocTres: string | null;
  comment: string | null;
  /** Why an administrator or Slurm took it out of service. */
  reason: string | null;
  partitions: string[];
}
