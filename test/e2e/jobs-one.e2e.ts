import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { DOCUMENTED_BELUGA_JOB, DOCUMENTED_MILA_JOB, jobRecord, type PublicJob } from '../support/job-records.js';

describe('GET jobs/one', () => {
  let service: ClockworkService;
  let key: string;

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('reader@example.org');
    await service.load({
      jobs: [
        DOCUMENTED_BELUGA_JOB,
        DOCUMENTED_MILA_JOB,
        ...[
          { job_id: '100' },
          { job_id: '100', cluster_name: 'narval' },
          { job_id: '100', cluster_name: 'cedar' },
          { job_id: '201', array_job_id: '200', array_task_id: 3 },
          { job_id: '200', array_job_id: '200', array_task_id: 12 },
          { job_id: '202', cluster_name: 'narval', array_job_id: '200', array_task_id: 12 },
          { job_id: '300', het_job_id: '300', het_job_offset: 0 },
          { job_id: '301', het_job_id: '300', het_job_offset: 1 },
          {
            job_id: 400,
            uid: 10002,
            array_job_id: 399,
            het_job_id: 398,
            array_task_id: 7,
            het_job_offset: 2,
            time_limit: null,
          },
          { job_id: '500', start_time: null, end_time: null, array_job_id: null, array_task_id: null, nodes: null },
        ].map((slurm) => jobRecord({ slurm })),
      ],
    });
  });

  afterAll(() => service.stop());

  async function one(query: string): Promise<PublicJob> {
    const answer = await service.request(`/jobs/one?${query}`, { key });
    if (answer.status !== 200) throw new Error(`${query}: ${answer.text}`);
    return answer.body as PublicJob;
  }

  async function problem(query: string): Promise<{ status: number; detail: string }> {
    return (await service.request(`/jobs/one?${query}`, { key })).body as { status: number; detail: string };
  }

  it("is the documentation's running job, field for field as it is shown there", async () => {
    const job = await one('job_id=233874&cluster_name=mila');
    expect(JSON.stringify(job.slurm)).toBe(JSON.stringify(DOCUMENTED_MILA_JOB.slurm));
    expect(job.cw).toEqual({ ...DOCUMENTED_MILA_JOB.cw, phase: 'running', outcome: null, attempts: [] });
    expect(job.user).toEqual({});
    expect(Object.keys(job)).toEqual(['slurm', 'cw', 'user']);
  });

  it('does not need cluster_name where the job_id is unique', async () => {
    expect((await one('job_id=820432')).slurm.cluster_name).toBe('beluga');
  });

  it('is an empty dict where there is no such job, or not on that cluster, or no such cluster', async () => {
    for (const query of ['job_id=1', 'job_id=820432&cluster_name=mila', 'job_id=100&cluster_name=nowhere']) {
      expect((await service.request(`/jobs/one?${query}`, { key })).text).toBe('{}');
    }
  });

  it('is an empty dict for a job_id that no job of Slurm has', async () => {
    for (const jobId of ['abc', '0100', '100.0', '-100', '1e2', '100%0A', '100_', '100_x', '%2B1', '4_1_1']) {
      expect(await one(`job_id=${jobId}`)).toEqual({});
    }
  });

  it('is 400 without job_id', async () => {
    const { status, detail } = await problem('cluster_name=mila');
    expect(status).toBe(400);
    expect(detail).toMatch(/^job_id: is needed/);
  });

  it('is 400 with a job_id that is empty, given twice or an object', async () => {
    for (const query of ['job_id=', 'job_id=1&job_id=1', 'job_id[$ne]=1', 'job_id[]=1']) {
      const { status, detail } = await problem(query);
      expect([query, status]).toEqual([query, 400]);
      expect(detail).toMatch(/^job_id: /);
    }
  });

  it('is 500 where more than one match, whose detail says how many and on which clusters', async () => {
    const { status, detail } = await problem('job_id=100');
    expect(status).toBe(500);
    expect(detail).toMatch(/\b3 jobs\b.*cedar, mila, narval/);
  });

  it('finds each of them with its cluster_name', async () => {
    for (const cluster of ['mila', 'narval', 'cedar']) {
      expect((await one(`job_id=100&cluster_name=${cluster}`)).slurm.cluster_name).toBe(cluster);
    }
  });

  it('takes several cluster_names: the job on any of them, 500 for those that match alone', async () => {
    expect((await one('job_id=100&cluster_name=beluga,cedar')).slurm.cluster_name).toBe('cedar');
    const { status, detail } = await problem('job_id=100&cluster_name=narval,mila');
    expect(status).toBe(500);
    expect(detail).toMatch(/\b2 jobs\b.*mila, narval/);
    expect(detail).not.toContain('cedar');
  });

  it('finds an array task as ARRAYID_TASKID, and by its own id', async () => {
    expect((await one('job_id=200_3')).slurm.job_id).toBe('201');
    expect((await one('job_id=200_12&cluster_name=mila')).slurm.job_id).toBe('200');
    expect((await one('job_id=201')).slurm.job_id).toBe('201');
    expect(await one('job_id=200_4')).toEqual({});
  });

  it('is 500 for an array task that is on several clusters', async () => {
    const { status, detail } = await problem('job_id=200_12');
    expect(status).toBe(500);
    expect(detail).toMatch(/\b2 jobs\b.*mila, narval/);
  });

  it('finds a heterogeneous component as HETID+OFFSET, its plus escaped or not', async () => {
    expect((await one('job_id=300%2B1')).slurm.job_id).toBe('301');
    expect((await one('job_id=300+1')).slurm.job_id).toBe('301');
    expect((await one('job_id=300%201')).slurm.job_id).toBe('301');
    expect((await one('job_id=300%2B0')).slurm.job_id).toBe('300');
    expect(await one('job_id=300%2B2')).toEqual({});
  });

  it('has ids as strings, the places in an array or a heterogeneous job as integers, and null for no limit', async () => {
    expect((await one('job_id=400')).slurm).toMatchObject({
      job_id: '400',
      uid: '10002',
      array_job_id: '399',
      het_job_id: '398',
      array_task_id: 7,
      het_job_offset: 2,
      time_limit: null,
    });
  });

  it('has "Unknown" for a time that Slurm does not know, and null for what there is not', async () => {
    expect((await one('job_id=500')).slurm).toMatchObject({
      start_time: 'Unknown',
      end_time: 'Unknown',
      nodes: null,
      array_job_id: null,
      array_task_id: null,
    });
  });
});
