import { jobRecord, type JobParts } from './job-records.js';

const DAY_MS = 86_400_000;

export function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A record of a job of ada's that ended well. Called twice, it is the same record only where `ended` is given. */
export function endedJob(
  job_id: string,
  { ended = daysAgo(400), ...slurm }: { ended?: string } & JobParts['slurm'] = {},
) {
  return jobRecord({
    slurm: {
      job_id,
      uid: '10001',
      job_state: 'COMPLETED',
      submit_time: '2019-05-01T10:00:00-04:00',
      start_time: '2019-05-01T10:05:00-04:00',
      end_time: ended,
      ...slurm,
    },
    cw: { mila_cluster_username: 'ada' },
  });
}
