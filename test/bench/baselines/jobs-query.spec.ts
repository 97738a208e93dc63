import { JOB_ORDER } from '../../../libs/jobs/job.schema.js';
import { ORDER } from './jobs-query.ts';

describe('the baselines', () => {
  it('ask for the order that the service answers in, and so use the same index', () => {
    expect(Object.entries(ORDER)).toEqual(Object.entries(JOB_ORDER));
  });
});
