/** What every baseline reads: the public parts of all jobs in the order of the list, which the index `order` holds. */
export const COLLECTION = 'jobs';
export const PUBLIC_PARTS = { _id: 0, slurm: 1, cw: 1, user: 1 };
export const ORDER = { 'derived.submitted': -1, 'slurm.cluster_name': 1, 'derived.job_number': 1 } as const;
/** Documents fetched at a time, where it is for us to say. */
export const BATCH = 1_000;

export function databaseUri(): string {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) throw new Error('MONGODB_URI is needed');
  return uri;
}
