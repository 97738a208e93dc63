import { jobRecord } from './job-records.js';

/** Few instants, one of them in two zones, so that many jobs have the same; a page may end anywhere among them. */
const SUBMIT_TIMES = [
  '2024-05-01T10:00:00-04:00',
  '2024-05-01T07:00:00-07:00',
  '2024-05-01T10:00:00.001-04:00',
  '2024-04-30T10:00:00-04:00',
  '1969-12-31T23:59:59Z',
  'Unknown',
];
const JOB_IDS = [
  ...['7', '10', '9', '100', '99', '0', '1', '1000', '2', '20', '3', '30', '300'],
  ...['123456789012345678', '123456789012345677', '9007199254740993'],
];
export const CLUSTERS = ['mila', 'beluga', 'narval'];
export const STATES = ['RUNNING', 'PENDING', 'COMPLETED', 'FAILED'];

/** Every way to combine a cluster, an id and whatever else the filters look at. */
export const VARIED = CLUSTERS.flatMap((cluster_name, cluster) =>
  JOB_IDS.map((job_id, row) => {
    const turn = cluster * 31 + row * 7;
    return jobRecord({
      slurm: {
        job_id,
        cluster_name,
        submit_time: SUBMIT_TIMES[turn % SUBMIT_TIMES.length],
        job_state: STATES[turn % STATES.length],
        end_time: turn % 8 < 4 ? '2024-05-02T10:00:00-04:00' : 'Unknown',
        partition: ['main', 'main,long', 'long'][turn % 3],
        account: ['def-a', 'def-b'][turn % 2],
        array_job_id: turn % 3 === 0 ? '9' : null,
      },
      // Whoever asks for both names finds such a job twice in an index of names.
      cw: { mila_cluster_username: ['ada', 'bob', null][turn % 3], cc_account_username: ['bob', null][turn % 2] },
      user: { '$a.b': turn, '': [1.5, null, 'é\n'] },
    });
  }),
);
/** More than a page holds where no limit is given. */
export const BULK = Array.from({ length: 1_005 }, (_, index) =>
  jobRecord({
    slurm: { job_id: String(index), cluster_name: 'bulk', submit_time: '2020-01-01T00:00:00Z', account: 'bulk' },
  }),
);
