import { ambiguous, quote } from '#libs/common';

/**
 * The answer where more than one job matches: how many, and on which clusters, so that the caller knows what to add.
 * @param clusters of each match
 */
export function severalJobs(jobId: string, clusters: readonly string[]): Error {
  const names = [...new Set(clusters)].sort();
  const where = names.length === 1 ? `the cluster ${names[0] ?? ''}` : `the clusters ${names.join(', ')}`;
  const advice = names.length === 1 ? 'ask for one by its own job_id' : 'add cluster_name to say which one';
  return ambiguous(`${clusters.length} jobs match job_id ${quote(jobId)}, on ${where}: ${advice}.`);
}
