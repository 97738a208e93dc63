import type { Db, Document } from 'mongodb';
import { OCCASIONAL } from './people.ts';

/** Between the job ids of one copy and those of the next; more than the jobs of one. */
const ID_STEP = 10_000_000;

/**
 * Fills a second database with the users and keys of the first and with as many jobs as asked for: copies of its jobs
 * that the server makes by itself, each under an id of its own. One person's jobs are copied once alone.
 * Stored as an import stores them, but for `source.hash`, which only a repeated import would look at.
 */
export async function multiplyJobs(source: Db, target: Db, jobs: number): Promise<void> {
  for (const collection of ['users', 'api_keys', 'counters', 'nodes', 'gpu']) {
    await source
      .collection(collection)
      .aggregate([{ $out: { db: target.databaseName, coll: collection } }])
      .toArray();
  }
  for (let copy = 0, there = 0; there < jobs; copy += 1) {
    await source
      .collection('jobs')
      .aggregate([...copied(copy), { $limit: jobs - there }, intoJobs(target)])
      .toArray();
    there = await target.collection('jobs').estimatedDocumentCount();
  }
}

/** Without an `_id`, for which the server makes one. */
function intoJobs(target: Db): Document {
  return { $merge: { into: { db: target.databaseName, coll: 'jobs' }, whenMatched: 'fail' } };
}

function copied(copy: number): Document[] {
  if (copy === 0) return [{ $unset: '_id' }];
  const number = { $add: ['$derived.job_number', copy * ID_STEP] };
  return [
    { $match: { 'derived.names': { $ne: OCCASIONAL.email } } },
    {
      $set: {
        'slurm.job_id': { $toString: number },
        'slurm.array_job_id': moved('$slurm.array_job_id', copy),
        'derived.job_number': number,
        'source.incarnation': incarnation(copy),
      },
    },
    { $unset: '_id' },
  ];
}

function moved(id: string, copy: number): Document {
  return { $cond: [{ $eq: [id, null] }, null, { $toString: { $add: [{ $toLong: id }, copy * ID_STEP] } }] };
}

/** An ObjectId begins with the time, of which the first byte is the same in all that were made within half a year. */
function incarnation(copy: number): Document {
  const text = { $toString: '$source.incarnation' };
  return { $toObjectId: { $concat: [copy.toString(16).padStart(2, '0'), { $substrBytes: [text, 2, 22] }] } };
}
