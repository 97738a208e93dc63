import { Problem } from '#libs/common';
import { severalJobs } from './several-jobs.js';

describe('severalJobs', () => {
  it.each([
    [['mila', 'beluga'], '2 jobs match job_id "5", on the clusters beluga, mila: add cluster_name to say which one.'],
    [
      ['mila', 'mila', 'beluga'],
      '3 jobs match job_id "5", on the clusters beluga, mila: add cluster_name to say which one.',
    ],
    [['mila', 'mila'], '2 jobs match job_id "5", on the cluster mila: ask for one by its own job_id.'],
  ])('%j', (clusters, detail) => {
    const problem = severalJobs('5', clusters);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 500, detail });
  });
});
