import type { Document, Filter } from 'mongodb';
import type { JobKey } from './job-document.js';

/** The jobs of these keys. */
export function ofJobs(keys: readonly JobKey[]): Filter<Document> {
  const idsOfClusters = Map.groupBy(keys, ({ cluster }) => cluster);
  return {
    $or: [...idsOfClusters].map(([cluster, group]) => ({
      'slurm.cluster_name': cluster,
      'slurm.job_id': { $in: group.map(({ jobId }) => jobId) },
    })),
  };
}

export function textKey({ cluster, jobId }: JobKey): string {
  return `${jobId} ${cluster}`;
}
