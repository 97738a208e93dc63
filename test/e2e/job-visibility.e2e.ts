import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

/** What lies outside the clusters that a user may see does not exist for them. */
describe('a user who may see some clusters alone', () => {
  let service: ClockworkService;
  const keys = { some: '', someAdmin: '', none: '', all: '' };

  beforeAll(async () => {
    service = await startService();
    keys.some = await service.keyOf('some@example.org', ['--cluster-username', 'some', '--clusters', 'mila,narval']);
    keys.someAdmin = await service.keyOf('admin@example.org', ['--admin', '--clusters', 'mila,narval']);
    keys.none = await service.keyOf('none@example.org', ['--cluster-username', 'none', '--clusters', '']);
    keys.all = await service.keyOf('all@example.org');
    const of = (owner: string, slurm: Record<string, unknown>) =>
      jobRecord({ slurm, cw: { mila_cluster_username: owner } });
    await service.load({
      jobs: [
        ...['mila', 'narval', 'secret'].map((cluster_name) => of('some', { job_id: '1', cluster_name })),
        ...['mila', 'secret'].map((cluster_name) => of('some', { job_id: '2', cluster_name })),
        of('some', { job_id: '3', cluster_name: 'secret', array_job_id: '30', array_task_id: 1 }),
        of('none', { job_id: '4' }),
      ],
    });
  });

  afterAll(() => service.stop());

  type Who = keyof typeof keys;

  async function get(who: Who, path: string) {
    return service.request(path, { key: keys[who] });
  }

  async function names(who: Who, query = ''): Promise<string[]> {
    const { body } = await get(who, `/jobs/list?${query}`);
    return (body as PublicJob[]).map(({ slurm }) => `${slurm.cluster_name} ${slurm.job_id}`);
  }

  const VISIBLE = ['mila 1', 'mila 2', 'mila 4', 'narval 1'];

  describe.each<Who>(['some', 'someAdmin'])('%s', (who) => {
    it('finds in jobs/list the jobs of these clusters alone', async () => {
      expect((await names(who)).sort()).toEqual(VISIBLE);
      expect((await names(who, 'cluster_name=mila,secret')).sort()).toEqual(['mila 1', 'mila 2', 'mila 4']);
      expect(await names(who, 'cluster_name=secret')).toEqual([]);
      expect((await names(who, 'user=some')).sort()).toEqual(['mila 1', 'mila 2', 'narval 1']);
      expect(await names(who, 'array_job_id=30')).toEqual([]);
    });

    it('gets from jobs/count the number of these', async () => {
      expect((await get(who, '/jobs/count')).body).toEqual({ count: VISIBLE.length });
      expect((await get(who, '/jobs/count?cluster_name=secret')).body).toEqual({ count: 0 });
    });

    it('gets an empty dict from jobs/one for a job elsewhere, as for one that is nowhere', async () => {
      for (const query of ['job_id=3', 'job_id=1&cluster_name=secret', 'job_id=30_1', 'job_id=999']) {
        expect((await get(who, `/jobs/one?${query}`)).text).toBe('{}');
      }
    });

    it('gets the one job that they may see where there are others elsewhere', async () => {
      expect((await get(who, '/jobs/one?job_id=2')).body).toMatchObject({ slurm: { cluster_name: 'mila' } });
    });

    it('is not told the number or the names of the others in the detail of a 500', async () => {
      for (const query of ['job_id=1', 'job_id=1&cluster_name=mila,narval,secret']) {
        const { status, body } = await get(who, `/jobs/one?${query}`);
        const { detail } = body as { detail: string };
        expect(status).toBe(500);
        expect(detail).toMatch(/\b2 jobs\b.*mila, narval/);
        expect(detail).not.toMatch(/secret|\b3\b/);
      }
    });
  });

  describe('an update of a user dict', () => {
    const put = (who: Who, json: object) =>
      service.request('/jobs/user_dict_update', { method: 'PUT', key: keys[who], json });
    const update_pairs = { a: 1 };

    it('is 404 for a job elsewhere, their own too, in the same words as for one that is nowhere', async () => {
      const before = (await get('all', '/jobs/list')).text;
      const elsewhere = await put('some', { job_id: '3', update_pairs });
      const nowhere = await put('some', { job_id: '9', update_pairs });
      expect([elsewhere.status, nowhere.status]).toEqual([404, 404]);
      expect((elsewhere.body as { detail: string }).detail.replace('3', '9')).toBe(
        (nowhere.body as { detail: string }).detail,
      );
      expect((await put('some', { job_id: '1', cluster_name: 'secret', update_pairs })).status).toBe(404);
      expect((await put('someAdmin', { job_id: '3', update_pairs })).status).toBe(404);
      expect((await put('none', { job_id: '4', update_pairs })).status).toBe(404);
      expect((await get('all', '/jobs/list')).text).toBe(before);
    });

    it('is not told of the others in the detail of a 500', async () => {
      const { status, body } = await put('some', { job_id: '1', update_pairs });
      expect(status).toBe(500);
      expect((body as { detail: string }).detail).toMatch(/\b2 jobs\b.*mila, narval/);
      expect((body as { detail: string }).detail).not.toMatch(/secret|\b3\b/);
    });

    it('takes the one job that they may see, and leaves the other of that id alone', async () => {
      expect((await put('some', { job_id: '2', update_pairs })).text).toBe('{"a":1}');
      expect((await get('all', '/jobs/one?job_id=2&cluster_name=secret')).body).toMatchObject({ user: {} });
      expect((await get('all', '/jobs/one?job_id=2&cluster_name=mila')).body).toMatchObject({ user: { a: 1 } });
    });
  });

  it('with an empty list sees nothing', async () => {
    expect(await names('none')).toEqual([]);
    expect(await names('none', 'cluster_name=mila')).toEqual([]);
    expect((await get('none', '/jobs/count')).body).toEqual({ count: 0 });
    expect((await get('none', '/jobs/one?job_id=4')).text).toBe('{}');
  });

  it('without a list sees all', async () => {
    expect(await names('all')).toHaveLength(7);
    expect((await get('all', '/jobs/count')).body).toEqual({ count: 7 });
    expect((await get('all', '/jobs/one?job_id=1')).body).toMatchObject({ status: 500 });
  });
});
