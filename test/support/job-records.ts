/** A job as the API gives it. */
export interface PublicJob {
  slurm: Record<string, unknown> & { job_id: string; cluster_name: string };
  cw: Record<string, unknown> & { phase: string; outcome: string | null; attempts: Record<string, unknown>[] };
  user: Record<string, unknown>;
}

/** What of a job matters to a test; the rest is filled in. */
export interface JobParts {
  slurm: Record<string, unknown>;
  cw?: Record<string, unknown>;
  user?: Record<string, unknown>;
}

/** A record for an import: a running job on the cluster mila that names no owner, but for what `parts` says. */
export function jobRecord({ slurm, cw = {}, user = {} }: JobParts): JobParts {
  return {
    slurm: {
      cluster_name: 'mila',
      job_state: 'RUNNING',
      submit_time: '2024-05-01T10:00:00-04:00',
      start_time: '2024-05-01T10:05:00-04:00',
      end_time: 'Unknown',
      ...slurm,
    },
    cw,
    user,
  };
}

/** The job of the documentation's example of `jobs/list`. */
export const DOCUMENTED_BELUGA_JOB = {
  slurm: {
    job_id: '820432',
    name: 'somejobname_244745',
    cc_account_username: 'ccuser01',
    uid: '10001',
    account: 'def-pomme-rrg',
    job_state: 'PENDING',
    exit_code: '0:0',
    time_limit: 10800,
    submit_time: '2020-02-04T03:22:55-05:00',
    start_time: 'Unknown',
    end_time: 'Unknown',
    partition: 'fun_partition',
    nodes: null,
    command: '/a762/b220/c552',
    work_dir: '/a751/b704/c43',
    stderr: '/a869/b72/c702.err',
    stdin: '/dev/null',
    stdout: '/a942/b827/c342.out',
    cluster_name: 'beluga',
  },
  cw: { cc_account_username: 'ccuser01', mila_cluster_username: null, mila_email_username: null },
  user: {},
};

/** The job of the documentation's example of `jobs/one`. */
export const DOCUMENTED_MILA_JOB = {
  slurm: {
    job_id: '233874',
    name: 'somejobname_942640',
    mila_cluster_username: 'milauser12',
    uid: '10012',
    account: 'mila',
    job_state: 'RUNNING',
    exit_code: '0:0',
    time_limit: 604800,
    submit_time: '2021-11-13T00:56:47-05:00',
    start_time: '2021-11-13T01:16:31-05:00',
    end_time: '2021-11-20T01:16:31-05:00',
    partition: 'fun_partition',
    nodes: 'cn-b005',
    resv_name: 'transtech',
    command: '/a58/b740/c718',
    work_dir: '/a308/b872/c331',
    stderr: '/a3/b765/c675.err',
    stdin: '/dev/null',
    stdout: '/a129/b104/c145.out',
    cluster_name: 'mila',
  },
  cw: { cc_account_username: null, mila_cluster_username: 'milauser12', mila_email_username: null },
  user: {},
};
