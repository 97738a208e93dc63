import type { ObjectId } from 'mongodb';
import { LONGEST_WRITE_MS } from '../data-versions.js';
import type { Migration } from './migration.js';

const BATCH = 1000;
const UNMARKED = { 'cw.phase': { $in: ['pending', 'running'] }, 'source.live': { $exists: false } };

/** What is marked is found no more: there is no other progress to save. */
export const markLiveJobs: Migration = {
  number: 1,
  what: 'jobs that Slurm may still change are marked',
  async run({ database, change, save }) {
    const jobs = database.collection('jobs');
    for (;;) {
      const found = await jobs.find<{ _id: ObjectId }>(UNMARKED, { projection: { _id: 1 }, limit: BATCH }).toArray();
      if (found.length === 0) return;
      const batch = { _id: { $in: found.map(({ _id }) => _id) }, ...UNMARKED };
      await save(null);
      await change('jobs', () =>
        jobs.updateMany(batch, { $set: { 'source.live': true } }, { maxTimeMS: LONGEST_WRITE_MS }),
      );
    }
  },
};
