import { Schema, SchemaFactory } from '@nestjs/mongoose';
import { Job } from './job.schema.js';

/**
 * A job that ended long ago, as it stood in `jobs`, to the byte: it is in one of the two. Not to be taken for one of
 * `jobs_archive`, whose id another job has now.
 */
@Schema({
  collection: 'jobs_cold',
  versionKey: false,
  minimize: false,
  collectionOptions: { storageEngine: { wiredTiger: { configString: 'block_compressor=zstd' } } },
})
export class ColdJob extends Job {}

export const ColdJobSchema = SchemaFactory.createForClass(ColdJob);
// Finds a job with and without its cluster: here an index is half of what a job takes.
ColdJobSchema.index({ 'slurm.job_id': 1, 'slurm.cluster_name': 1 }, { name: 'job_cluster', unique: true });
ColdJobSchema.index(
  { 'slurm.array_job_id': 1, 'slurm.array_task_id': 1 },
  { name: 'array_task', partialFilterExpression: { 'slurm.array_job_id': { $type: 'string' } } },
);
ColdJobSchema.index(
  { 'slurm.het_job_id': 1, 'slurm.het_job_offset': 1 },
  { name: 'het_component', partialFilterExpression: { 'slurm.het_job_id': { $type: 'string' } } },
);
// Names are filled in here too when users are added or corrected.
ColdJobSchema.index({ 'derived.names': 1 }, { name: 'names' });
ColdJobSchema.index({ 'derived.ended': 1 }, { name: 'ended' });
