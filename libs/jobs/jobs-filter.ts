import type { Document, Filter } from 'mongodb';
import { type Caller, visibleClusters } from '#libs/auth';
import { jobIdFilter } from './job-id.js';
import type { ClusterChoice, JobsListQuery } from './jobs.queries.js';

/** The first instant that ECMAScript's dates know. */
const EARLIEST = -8.64e15;

/** The jobs that `jobs/list` and `jobs/count` are about. */
export function listFilter(caller: Caller, query: JobsListQuery, now: Date): Filter<Document> {
  const conditions: Filter<Document> = clusterFilter(caller, query);
  const anyOf = (field: string, values: readonly string[] | undefined): void => {
    if (values !== undefined) conditions[field] = { $in: values };
  };
  anyOf('derived.names', query.user?.flatMap(asStored));
  anyOf('slurm.job_state', query.job_state);
  anyOf('cw.phase', query.phase);
  anyOf('cw.outcome', query.outcome);
  anyOf('derived.partitions', query.partition);
  anyOf('slurm.account', query.account);
  if (query.array_job_id !== undefined) conditions['slurm.array_job_id'] = query.array_job_id;
  if (query.time !== undefined) {
    conditions['derived.ended'] = { $gte: new Date(Math.max(now.getTime() - query.time * 1000, EARLIEST)) };
  }
  return conditions;
}

/** The jobs that a job id may mean, in the clusters asked for that the caller may see. */
export function jobFilter(caller: Caller, jobId: string, query: ClusterChoice): Filter<Document> {
  return { ...clusterFilter(caller, query), ...jobIdFilter(jobId) };
}

function clusterFilter(caller: Caller, { cluster_name }: ClusterChoice): Filter<Document> {
  const clusters = visibleClusters(caller, cluster_name);
  return clusters === null ? {} : { 'slurm.cluster_name': { $in: clusters } };
}

/** A name as it may be stored: exactly, and as an e-mail address in lower case. */
function asStored(name: string): string[] {
  const lower = name.toLowerCase();
  return name.includes('@') && lower !== name ? [name, lower] : [name];
}
