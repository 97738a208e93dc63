import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { DOCUMENTED_BELUGA_JOB, DOCUMENTED_MILA_JOB, jobRecord, type PublicJob } from '../support/job-records.js';

/** The jobs beside the documented ones: what each is there for is in the tests. */
const OTHERS = [
  { job_id: '9', submit_time: '2024-05-01T10:00:00-04:00', mila_cluster_username: 'milauser12', account: 'mila' },
  { job_id: '10', submit_time: '2024-05-01T10:00:00-04:00', partition: 'main,long' },
  // The same instant as the two before, and in another zone.
  { job_id: '5', submit_time: '2024-05-01T07:00:00-07:00', cluster_name: 'narval', account: 'rrg-bengioy' },
  // Later than those before, though its text is smaller.
  { job_id: '11', submit_time: '2024-05-01T08:30:00-07:00', cluster_name: 'cedar', job_state: 'FAILED' },
  { job_id: '7', submit_time: 'Unknown', job_state: 'COMPLETED', array_job_id: '6', array_task_id: 1 },
  { job_id: '6', submit_time: 'Unknown', job_state: 'OUT_OF_MEMORY', array_job_id: '6', array_task_id: 0 },
  { job_id: '60', submit_time: '2024-04-30T10:00:00-04:00', job_state: 'CANCELLED', partition: 'mainframe' },
];
const IN_ORDER = [
  'cedar 11',
  'mila 9',
  'mila 10',
  'narval 5',
  'mila 60',
  'mila 233874',
  'beluga 820432',
  'mila 6',
  'mila 7',
];

describe('GET jobs/list', () => {
  let service: ClockworkService;
  let key: string;

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('reader@example.org');
    await service.load({
      jobs: [
        ...OTHERS.map((slurm) => jobRecord({ slurm })),
        DOCUMENTED_BELUGA_JOB,
        DOCUMENTED_MILA_JOB,
        jobRecord({
          slurm: { job_id: '80', cluster_name: 'graham', submit_time: '2019-01-01T00:00:00-05:00' },
          cw: { mila_email_username: 'Grace@Example.org' },
          user: { note: 'mine' },
        }),
      ],
    });
  });

  afterAll(() => service.stop());

  async function list(query = ''): Promise<PublicJob[]> {
    const answer = await service.request(`/jobs/list?${query}`, { key });
    if (answer.status !== 200) throw new Error(`${query}: ${answer.text}`);
    return answer.body as PublicJob[];
  }

  async function names(query = ''): Promise<string[]> {
    return (await list(query)).map(({ slurm }) => `${slurm.cluster_name} ${slurm.job_id}`);
  }

  async function count(query: string): Promise<unknown> {
    return (await service.request(`/jobs/count?${query}`, { key })).body;
  }

  async function expectRefused(query: string, detail: RegExp): Promise<void> {
    for (const route of ['list', 'count']) {
      const answer = await service.request(`/jobs/${route}?${query}`, { key });
      expect([query, answer.status]).toEqual([query, 400]);
      expect((answer.body as { detail: string }).detail).toMatch(detail);
    }
  }

  describe('what comes back', () => {
    it('is every job in the database where nothing narrows the request down', async () => {
      expect((await names()).sort()).toEqual([...IN_ORDER, 'graham 80'].sort());
    });

    it('is a JSON array, sent as application/json', async () => {
      const answer = await service.request('/jobs/list', { key });
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(Array.isArray(answer.body)).toBe(true);
    });

    it("has the documentation's pending job field for field as it is shown there", async () => {
      const [job] = await list('cluster_name=beluga');
      expect(JSON.stringify(job?.slurm)).toBe(JSON.stringify(DOCUMENTED_BELUGA_JOB.slurm));
      expect(job?.cw).toEqual({ ...DOCUMENTED_BELUGA_JOB.cw, phase: 'pending', outcome: null, attempts: [] });
      expect(job?.user).toEqual({});
    });

    it('has slurm, cw and user of each job and nothing else', async () => {
      for (const job of await list()) expect(Object.keys(job)).toEqual(['slurm', 'cw', 'user']);
    });

    it('has all three keys of usernames in cw, null where unknown', async () => {
      const [job] = await list('cluster_name=cedar');
      expect(job?.cw).toMatchObject({
        cc_account_username: null,
        mila_cluster_username: null,
        mila_email_username: null,
      });
    });

    it("has the owner's dict", async () => {
      expect((await list('cluster_name=graham'))[0]?.user).toEqual({ note: 'mine' });
    });

    it('is an empty list where no job passes', async () => {
      expect((await service.request('/jobs/list?user=nobody', { key })).text).toBe('[]');
    });
  });

  describe('order', () => {
    it('is newest submission first as instants, unknown last, then cluster, then job id as a number', async () => {
      expect(await names('cluster_name=mila,beluga,cedar,narval')).toEqual(IN_ORDER);
    });

    it('is the same each time', async () => {
      const first = await service.request('/jobs/list', { key });
      expect((await service.request('/jobs/list', { key })).text).toBe(first.text);
    });
  });

  describe('user', () => {
    it('is any of the three usernames', async () => {
      expect(await names('user=ccuser01')).toEqual(['beluga 820432']);
      expect(await names('user=milauser12')).toEqual(['mila 9', 'mila 233874']);
      expect(await names('user=grace@example.org')).toEqual(['graham 80']);
    });

    it('matches exactly: no part of a name, no other case', async () => {
      expect(await names('user=ccuser')).toEqual([]);
      expect(await names('user=CCUSER01')).toEqual([]);
      expect(await names('user=.*')).toEqual([]);
    });

    it('is an e-mail address in any case', async () => {
      expect(await names('user=GRACE@EXAMPLE.ORG')).toEqual(['graham 80']);
    });

    it('may be several: jobs of any of them', async () => {
      expect(await names('user=ccuser01,grace@example.org,nobody')).toEqual(['beluga 820432', 'graham 80']);
    });

    it('is also called username', async () => {
      expect(await names('username=ccuser01')).toEqual(['beluga 820432']);
      expect(await names('username=ccuser01&user=ccuser01')).toEqual(['beluga 820432']);
    });

    it('is 400 where both names are given and different', async () => {
      await expectRefused('username=ccuser01&user=milauser12', /username and user/);
    });

    it('is 400 where it is empty, has an empty item, is given twice or as an object', async () => {
      await expectRefused('user=', /^user: .*empty/);
      await expectRefused('user=a,,b', /^user: .*empty/);
      await expectRefused('user=a&user=a', /^user: .*more than once/);
      await expectRefused('user[$ne]=a', /^user: /);
    });
  });

  describe('cluster_name', () => {
    it('is one cluster', async () => {
      expect(await names('cluster_name=narval')).toEqual(['narval 5']);
    });

    it('may be several: jobs of any of them', async () => {
      expect(await names('cluster_name=narval,cedar,nowhere')).toEqual(['cedar 11', 'narval 5']);
    });

    it('is an empty list for an unknown cluster', async () => {
      expect(await names('cluster_name=nowhere')).toEqual([]);
    });

    it('is 400 where it is empty or has an empty item', async () => {
      await expectRefused('cluster_name=', /^cluster_name: .*empty/);
      await expectRefused('cluster_name=mila,', /^cluster_name: .*empty/);
    });
  });

  describe('the further filters', () => {
    it('job_state is a name of Slurm in any case', async () => {
      expect(await names('job_state=FAILED')).toEqual(['cedar 11']);
      expect(await names('job_state=out_of_memory')).toEqual(['mila 6']);
    });

    it('job_state may be several', async () => {
      expect(await names('job_state=FAILED,Completed')).toEqual(['cedar 11', 'mila 7']);
    });

    it('job_state is 400 for a name that Slurm does not have, a part of a name too', async () => {
      await expectRefused('job_state=FAIL', /^job_state: /);
      await expectRefused('job_state=RUNNING,SLEEPING', /^job_state: /);
      await expectRefused('job_state=FAILED%20', /^job_state: /);
    });

    it.each([
      'PENDING,RUNNING,SUSPENDED,COMPLETED,CANCELLED,FAILED,TIMEOUT,NODE_FAIL,PREEMPTED,BOOT_FAIL,DEADLINE,OUT_OF_MEMORY',
      'CONFIGURING,COMPLETING,STOPPED,RESIZING,SIGNALING,STAGE_OUT',
      'REQUEUED,REQUEUE_FED,REQUEUE_HOLD,SPECIAL_EXIT,RESV_DEL_HOLD,REVOKED',
    ])('job_state may be any of %s', async (states) => {
      expect((await service.request(`/jobs/list?job_state=${states}`, { key })).status).toBe(200);
    });

    it('phase is one or several of pending, running, finished, unknown, in any case', async () => {
      expect(await names('phase=pending')).toEqual(['beluga 820432']);
      expect(await names('phase=Finished')).toEqual(['cedar 11', 'mila 60', 'mila 6', 'mila 7']);
      expect(await names('phase=pending,finished')).toHaveLength(5);
      expect(await names('phase=unknown')).toEqual([]);
      await expectRefused('phase=ended', /^phase: /);
    });

    it('outcome is one or several of the ways to end, in any case', async () => {
      expect(await names('outcome=OUT_OF_MEMORY')).toEqual(['mila 6']);
      expect(await names('outcome=cancelled,completed')).toEqual(['mila 60', 'mila 7']);
      expect(await names('outcome=timeout,node_failure,preempted,unknown')).toEqual([]);
      await expectRefused('outcome=running', /^outcome: /);
    });

    it('partition is any of several, exactly, of a job that waits for several partitions each of these', async () => {
      expect(await names('partition=main')).toEqual(['mila 10']);
      expect(await names('partition=long')).toEqual(['mila 10']);
      expect(await names('partition=fun_partition,main')).toEqual(['mila 10', 'mila 233874', 'beluga 820432']);
    });

    it('account is any of several, exactly', async () => {
      expect(await names('account=mila')).toEqual(['mila 9', 'mila 233874']);
      expect(await names('account=def-pomme-rrg,rrg-bengioy')).toEqual(['narval 5', 'beluga 820432']);
      expect(await names('account=def')).toEqual([]);
    });

    it('array_job_id is all tasks of an array', async () => {
      expect(await names('array_job_id=6')).toEqual(['mila 6', 'mila 7']);
    });

    it('several filters are all to be passed', async () => {
      expect(
        await names('user=milauser12&phase=running&cluster_name=mila&account=mila&partition=fun_partition'),
      ).toEqual(['mila 233874']);
      expect(await names('user=milauser12&phase=finished')).toEqual([]);
    });

    it.each(['job_state', 'phase', 'outcome', 'partition', 'account', 'array_job_id'])(
      '%s is 400 where it is empty or given twice',
      async (name) => {
        await expectRefused(`${name}=`, new RegExp(`^${name}: .*empty`));
        await expectRefused(`${name}=a&${name}=b`, new RegExp(`^${name}: .*more than once`));
      },
    );

    it('a parameter that the route does not know is ignored, however often it is given', async () => {
      expect(await names('cluster_name=narval&colour=red&colour=blue&x[$ne]=1')).toEqual(['narval 5']);
    });
  });

  describe('GET jobs/count', () => {
    it.each([
      '',
      'user=milauser12',
      'username=ccuser01',
      'cluster_name=mila,cedar',
      'time=60',
      'job_state=failed',
      'phase=finished',
      'outcome=completed',
      'partition=main',
      'account=mila',
      'array_job_id=6',
      'user=milauser12&phase=finished',
    ])('is how many jobs the list gives for ?%s', async (query) => {
      expect(await count(query)).toEqual({ count: (await list(query)).length });
    });

    it('is 0 where no job passes', async () => {
      expect(await count('cluster_name=nowhere')).toEqual({ count: 0 });
    });
  });
});
