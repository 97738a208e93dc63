import { readFileSync } from 'node:fs';

/** A job as `truth.json` gives it; times in epoch seconds, null where there is none. */
export interface TrueJob {
  job_id: number;
  array_job_id: number | null;
  array_task_id: number | null;
  array_tasks_pending: string | null;
  het_job_id: number | null;
  het_job_offset: number | null;
  name: string;
  user: string;
  uid: number;
  account: string;
  qos: string;
  partition: string;
  state: string;
  state_flags: string[];
  reason: string;
  nodes: string[];
  cpus: number;
  exit_code: number;
  exit_signal: number;
  time_limit_s: number | null;
  submit: number;
  eligible: number | null;
  start: number | null;
  end: number | null;
  expected_start: number | null;
  expected_end: number | null;
  restarts: number;
  comment: string | null;
  workdir: string;
  command: string | null;
  stdout: string | null;
  stderr: string | null;
  stdin: string | null;
  dependency: string | null;
  gpus_requested: TrueGpus;
  gpus_allocated: TrueGpus;
  /** Where accounting says otherwise; `exit` as `return:signal`. */
  sacct_differs?: { exit?: string; start?: number };
  in_sacct: boolean;
}

export interface TrueGpus {
  count: number;
  by_type: Record<string, number>;
}

/** A job that slurmctld had forgotten when the cluster was recorded. */
export interface TrueAccountedJob {
  job_id: number;
  /** As sacct's text shows it: `4_0` for a task of an array. */
  job_id_text: string;
  /** As sacct's text shows it: `CANCELLED by 0`. */
  state: string;
  user: string;
  account: string;
  partition: string;
  nodes: string[];
  exit_code: string;
  time_limit_s: number | null;
  submit: number;
  start: number;
  end: number;
  name: string;
}

export interface TrueNode {
  name: string;
  state: string;
  state_flags: string[];
  reason: string | null;
  partitions: string[];
  cpus: number;
  cpus_allocated: number;
  memory_mb: number;
  features: string[] | null;
}

export interface TrueCluster {
  nodes: TrueNode[];
  jobs: TrueJob[];
  only_in_sacct?: TrueAccountedJob[];
}

/** Those whose recordings have a `truth.json`. */
export type RecordedVersion = 'slurm-22.05' | 'slurm-24.11';

/** The text of a file in `fixtures/`, as the Slurm of that version printed it. */
export function recordedText(version: RecordedVersion | 'slurm-26.05', file: string): string {
  return readFileSync(new URL(`../../fixtures/${version}/${file}`, import.meta.url), 'utf8');
}

/** What that cluster held, from other sources than the JSON. */
export function recordedTruth(version: RecordedVersion): TrueCluster {
  return JSON.parse(recordedText(version, 'truth.json')) as TrueCluster;
}

/** The names in a host list of the recorded clusters: `cn-a[001-002]` is two. */
export function hostNames(hostlist: string): string[] {
  const ranges = /^(.*)\[(.*)\]$/.exec(hostlist);
  if (ranges === null) return hostlist.split(',');
  const [, prefix = '', inside = ''] = ranges;
  return inside.split(',').flatMap((range) => {
    const [first = '', last = first] = range.split('-');
    const count = Number(last) - Number(first) + 1;
    return Array.from(
      { length: count },
      (_, step) => prefix + String(Number(first) + step).padStart(first.length, '0'),
    );
  });
}
