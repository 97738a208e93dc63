import type { Document } from 'mongodb';
import { END_OPEN } from './job.schema.js';

/** "Recently" is within this. */
export const WINDOW_MS = 3_600_000;

/** Jobs that are alike, counted by the database. */
export interface JobGroup {
  cluster: string;
  /** The first that the job named; '' where it named none. */
  partition: string;
  state: string;
  phase: string;
  /** A class of seconds as `secondsOf` reads it: how long they have waited, or waited before they started within the window. */
  waited: number | null;
  jobs: number;
  gpus: number;
}

/** Classes of seconds to each doubling: what is read from one is less than 9 % too low. */
const CLASSES = 8;

/** The least number of seconds in a class. */
export function secondsOf(waited: number): number {
  return 2 ** (waited / CLASSES) - 1;
}

/** More groups than a lab has of partitions, states and classes; beyond them figures would be too low. */
const MOST_GROUPS = 50_000;

/** Groups the jobs that wait or run: found by the index of phases, however many have ended. */
export function liveGroups(now: Date): Document[] {
  return [{ $match: { 'cw.phase': { $in: ['pending', 'running'] } } }, ...grouped(now)];
}

/** Groups the jobs that ended recently: found by the index of ends. */
export function endedGroups(now: Date): Document[] {
  return [{ $match: { 'derived.ended': { $gt: before(now), $lte: now, $ne: END_OPEN } } }, ...grouped(now)];
}

function grouped(now: Date): Document[] {
  return [
    {
      $project: {
        _id: 0,
        cluster: '$slurm.cluster_name',
        partition: { $ifNull: [{ $first: '$derived.partitions' }, ''] },
        state: '$slurm.job_state',
        phase: '$cw.phase',
        gpus: gpusIn({ $cond: [{ $eq: ['$cw.phase', 'pending'] }, '$slurm.tres_requested', '$slurm.tres_allocated'] }),
        waited: classOf({
          $cond: [
            { $eq: ['$cw.phase', 'pending'] },
            { $subtract: [now, '$derived.submitted'] },
            { $subtract: [recentStart(now), '$derived.submitted'] },
          ],
        }),
      },
    },
    {
      $group: {
        _id: { cluster: '$cluster', partition: '$partition', state: '$state', phase: '$phase', waited: '$waited' },
        jobs: { $sum: 1 },
        gpus: { $sum: '$gpus' },
      },
    },
    { $limit: MOST_GROUPS },
    { $replaceWith: { $mergeObjects: ['$_id', { jobs: '$jobs', gpus: '$gpus' }] } },
  ];
}

function before(now: Date): Date {
  return new Date(now.getTime() - WINDOW_MS);
}

/** Null where it did not start within the window, or nobody knows when. */
function recentStart(now: Date): Document {
  const start = { $dateFromString: { dateString: '$slurm.start_time', onError: null, onNull: null } };
  return {
    $let: {
      vars: { start },
      in: { $cond: [{ $and: [{ $gt: ['$$start', before(now)] }, { $lte: ['$$start', now] }] }, '$$start', null] },
    },
  };
}

/** @param milliseconds null is in no class; a clock that goes wrong gives less than nothing */
function classOf(milliseconds: Document): Document {
  const seconds = { $max: [0, { $divide: ['$$milliseconds', 1000] }] };
  return {
    $let: {
      vars: { milliseconds },
      in: {
        $cond: [
          { $eq: [{ $ifNull: ['$$milliseconds', null] }, null] },
          null,
          { $floor: { $multiply: [CLASSES, { $log: [{ $add: [1, seconds] }, 2] }] } },
        ],
      },
    },
  };
}

/** The total of GPUs in a text of resources, `cpu=2,gres/gpu=2,gres/gpu:a100=2`; 0 where it is none. */
function gpusIn(tres: Document): Document {
  const input = { $cond: [{ $eq: [{ $type: '$$tres' }, 'string'] }, '$$tres', ''] };
  return {
    $let: {
      vars: { tres },
      in: {
        $let: {
          vars: { found: { $regexFind: { input, regex: '(?:^|,)gres/gpu=([0-9]{1,6})(?:,|$)' } } },
          in: { $toInt: { $ifNull: [{ $first: '$$found.captures' }, '0'] } },
        },
      },
    },
  };
}
