import type { Document, Filter } from 'mongodb';

/**
 * The filter for a job id in any of the forms that Slurm prints: `123`, an array task `ARRAYID_TASKID`, a heterogeneous
 * component `HETID+OFFSET`. A space is the plus sign of a query string that was not escaped.
 */
export function jobIdFilter(jobId: string): Filter<Document> {
  const [, id, sign, part] = /^(\d+)([_+])(\d{1,9})$/.exec(normalJobId(jobId)) ?? [];
  if (sign === '_') return { 'slurm.array_job_id': id, 'slurm.array_task_id': Number(part) };
  if (sign === '+') return { 'slurm.het_job_id': id, 'slurm.het_job_offset': Number(part) };
  return { 'slurm.job_id': jobId };
}

export function normalJobId(jobId: string): string {
  return jobId.replace(/^(\d+) (\d+)$/, '$1+$2');
}
