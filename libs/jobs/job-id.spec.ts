import fc from '../../test/support/seeded-fast-check.js';
import { jobIdFilter, normalJobId } from './job-id.js';

describe('jobIdFilter', () => {
  it.each<[string, object]>([
    ['820432', { 'slurm.job_id': '820432' }],
    ['235_7', { 'slurm.array_job_id': '235', 'slurm.array_task_id': 7 }],
    ['235_0', { 'slurm.array_job_id': '235', 'slurm.array_task_id': 0 }],
    ['40+1', { 'slurm.het_job_id': '40', 'slurm.het_job_offset': 1 }],
    ['40 1', { 'slurm.het_job_id': '40', 'slurm.het_job_offset': 1 }],
    ['235_[1-7]', { 'slurm.job_id': '235_[1-7]' }],
    ['235_', { 'slurm.job_id': '235_' }],
    ['_7', { 'slurm.job_id': '_7' }],
    ['235_7_8', { 'slurm.job_id': '235_7_8' }],
    ['235_-1', { 'slurm.job_id': '235_-1' }],
    ['235_1e3', { 'slurm.job_id': '235_1e3' }],
    ['235_99999999999999999999', { 'slurm.job_id': '235_99999999999999999999' }],
    ['40  1', { 'slurm.job_id': '40  1' }],
    ['1.batch', { 'slurm.job_id': '1.batch' }],
    ['820432\n', { 'slurm.job_id': '820432\n' }],
  ])('%j', (jobId, filter) => {
    expect(jobIdFilter(jobId)).toEqual(filter);
  });

  it('compares with plain values alone, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (jobId) => {
        const values = Object.entries(jobIdFilter(jobId));
        for (const [field, value] of values) {
          expect(field).toMatch(/^slurm\.\w+$/);
          expect(['string', 'number']).toContain(typeof value);
        }
      }),
    );
  });
});

describe('normalJobId', () => {
  it.each([
    ['40 1', '40+1'],
    ['40+1', '40+1'],
    ['40', '40'],
    [' 40', ' 40'],
    ['4 0 1', '4 0 1'],
  ])('%j is %j', (jobId, normal) => {
    expect(normalJobId(jobId)).toBe(normal);
  });
});
