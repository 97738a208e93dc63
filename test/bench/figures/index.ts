import type { FigureGroup } from '../bench.ts';
import { collectorMemory } from './collector-memory.ts';
import { collectorCycle } from './collector.ts';
import { dictUpdates } from './dict-updates.ts';
import { firstPage } from './first-page.ts';
import { memory } from './memory.ts';
import { oneJobUnderLoad } from './one-job.ts';
import { oneUsersJobs } from './one-users-jobs.ts';
import { parseSpeed } from './parse.ts';
import { replicaSet } from './replica-set.ts';
import { representations } from './representations.ts';
import { severalProcesses } from './several-processes.ts';
import { singleObjects } from './single-objects.ts';
import { unchangedList } from './unchanged-list.ts';
import { wholeList } from './whole-list.ts';

/** In the order in which they are taken: what writes most comes last. */
export const FIGURE_GROUPS: readonly FigureGroup[] = [
  wholeList,
  unchangedList,
  memory,
  oneUsersJobs,
  oneJobUnderLoad,
  representations,
  firstPage,
  singleObjects,
  parseSpeed,
  collectorMemory,
  collectorCycle,
  dictUpdates,
  severalProcesses,
  replicaSet,
];
