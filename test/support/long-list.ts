import { randomBytes } from 'node:crypto';
import { jobRecord, type JobParts } from './job-records.js';

/** Random text, which no coding makes much shorter: what is read slowly must not fit into sockets when it is coded. */
const DICT_BYTES = 1_024;

/**
 * Jobs of about 1.5 kB each in the order of the list, newest first; they belong to `ada`.
 * 14 000 are more than what sockets and buffers between the database and a reader who has stopped can hold.
 * @param dictBytes of each job's dict; the rest of a job is some 500 bytes
 */
export function longList(count: number, dictBytes = DICT_BYTES): JobParts[] {
  const newest = Date.parse('2024-05-01T10:00:00Z');
  return Array.from({ length: count }, (_, at) =>
    jobRecord({
      slurm: {
        job_id: String(at + 1),
        cluster_name: 'mila',
        submit_time: new Date(newest - at * 1_000).toISOString().replace(/\.000Z$/, '+00:00'),
        mila_cluster_username: 'ada',
      },
      user: { text: randomBytes((dictBytes * 3) / 4).toString('base64') },
    }),
  );
}
