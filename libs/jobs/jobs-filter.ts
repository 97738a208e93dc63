import type { Document, Filter } from 'mongodb';
import { type Caller, visibleClusters } from '#libs/auth';
import { jobIdFilter } from './job-id.js';
import type { ClusterChoice, JobsFilterQuery } from './jobs.queries.js';

/** The first instant that ECMAScript's dates know. */
const EARLIEST = -8.64e15;

/** Where a finished job's end stands. */
export const ENDED = 'derived.ended';

/** The jobs that pass a request's filters, but for `time`. */
export function listFilter(caller: Caller, query: JobsFilterQuery): Filter<Document> {
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
  return conditions;
}

/** The instant before which a job must not have ended, for `time`; null where that does not matter. */
export function earliestEnd({ time }: JobsFilterQuery, now: Date): Date | null {
  return time === undefined ? null : new Date(Math.max(now.getTime() - time * 1000, EARLIEST));
}

/** The jobs that `jobs/list` and `jobs/count` are about at an instant. */
export function listFilterAt(caller: Caller, query: JobsFilterQuery, now: Date): Filter<Document> {
  const instant = earliestEnd(query, now);
  return { ...listFilter(caller, query), ...(instant === null ? {} : { [ENDED]: { $gte: instant } }) };
}

/** The request's filters in one form: aliases, order, repetition and letter case that mean nothing make no difference. */
export function sameFilters(query: JobsFilterQuery): Record<string, unknown> {
  const list = (values: readonly string[] | undefined) => (values === undefined ? null : [...new Set(values)].sort());
  return {
    cluster_name: list(query.cluster_name),
    user: list(query.user?.map((name) => (name.includes('@') ? name.toLowerCase() : name))),
    time: query.time ?? null,
    job_state: list(query.job_state),
    phase: list(query.phase),
    outcome: list(query.outcome),
    partition: list(query.partition),
    account: list(query.account),
    array_job_id: query.array_job_id ?? null,
  };
}

/** The jobs that a job id may mean, in the clusters asked for that the caller may see. */
export function jobFilter(caller: Caller, jobId: string, query: ClusterChoice): Filter<Document> {
  return { ...clusterFilter(caller, query), ...jobIdFilter(jobId) };
}

/** Whether no two jobs can match a filter for a job id. */
export function matchesOneAtMost(filter: Filter<Document>): boolean {
  const clusters = filter['slurm.cluster_name'] as { $in: readonly string[] } | undefined;
  return clusters?.$in.length === 1 && 'slurm.job_id' in filter;
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
