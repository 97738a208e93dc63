import { setTimeout as wait } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { type ClockworkService, newDatabase, runCli, startService } from '../support/clockwork-service.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

type Names = Partial<Record<'cc_account_username' | 'mila_cluster_username' | 'mila_email_username', string | null>>;

const PATIENCE_MS = 20_000;

/** One person has up to three usernames; a job comes with those that its cluster knows. */
describe('whose a job is', () => {
  let service: ClockworkService;
  let reader: string;

  beforeAll(async () => {
    service = await startService();
    reader = await service.keyOf('reader@example.org');
    await service.load({
      users: [
        {
          mila_email_username: 'Ada@Example.org',
          mila_cluster_username: 'ada',
          cc_account_username: 'ada01',
        },
        { mila_email_username: 'grace@example.org', mila_cluster_username: 'grace' },
        { mila_email_username: 'moves@example.org', mila_cluster_username: 'moves', cc_account_username: 'moves01' },
        { mila_email_username: 'renamed@example.org', cc_account_username: 'old01' },
      ],
      jobs: [
        named('1', { mila_cluster_username: 'ada' }),
        named('2', { cc_account_username: 'ada01' }),
        named('3', { mila_email_username: 'ADA@example.ORG' }),
        named('4', { mila_cluster_username: 'ada', cc_account_username: 'somebody01' }),
        named('5', { mila_cluster_username: 'ada', cc_account_username: 'moves01' }),
        named('6', { mila_cluster_username: 'nobody' }),
        named('7', {}),
        jobRecord({ slurm: { job_id: '8', cc_account_username: 'ada01' } }),
        jobRecord({ slurm: { job_id: '9', mila_cluster_username: 'ada' } }),
        jobRecord({ slurm: { job_id: '10', mila_cluster_username: 'grace' }, cw: { mila_cluster_username: 'ada' } }),
        named('11', { mila_cluster_username: 'grace' }),
        named('20', { mila_cluster_username: 'later' }),
        named('21', { cc_account_username: 'later01', mila_cluster_username: null }),
        named('22', { mila_email_username: 'later@example.org' }),
        named('30', { mila_cluster_username: 'moves' }),
        named('31', { cc_account_username: 'moves01' }),
        named('32', { mila_cluster_username: 'moves', cc_account_username: 'moves01' }),
        named('40', { cc_account_username: 'old01' }),
        named('50', { mila_cluster_username: 'unfinished' }),
      ],
    });
  });

  afterAll(() => service.stop());

  function named(job_id: string, cw: Names) {
    return jobRecord({ slurm: { job_id }, cw });
  }

  async function namesOf(jobId: string): Promise<(string | null)[]> {
    const { cw } = (await service.request(`/jobs/one?job_id=${jobId}`, { key: reader })).body as PublicJob;
    return [cw['mila_cluster_username'], cw['cc_account_username'], cw['mila_email_username']] as (string | null)[];
  }

  async function idsOf(user: string): Promise<string[]> {
    const { body } = await service.request(`/jobs/list?user=${user}`, { key: reader });
    return (body as PublicJob[]).map(({ slurm }) => slurm.job_id);
  }

  async function update(key: string, job_id: string): Promise<number> {
    const json = { job_id, update_pairs: { at: Date.now() } };
    return (await service.request('/jobs/user_dict_update', { method: 'PUT', key, json })).status;
  }

  async function cli(...args: string[]): Promise<void> {
    const { code, stderr } = await service.cli(args);
    if (code !== 0) throw new Error(stderr);
  }

  const ADA = ['ada', 'ada01', 'ada@example.org'];

  describe('when a job is written', () => {
    it('the users table fills in what it can, from any one of the names', async () => {
      expect(await namesOf('1')).toEqual(ADA);
      expect(await namesOf('2')).toEqual(ADA);
    });

    it('an e-mail address is kept and compared in lower case', async () => {
      expect(await namesOf('3')).toEqual(ADA);
    });

    it('the account name in slurm is a name of the job', async () => {
      expect(await namesOf('8')).toEqual(ADA);
      expect(await namesOf('9')).toEqual(ADA);
    });

    it('the account name in slurm is none where cw has one of that kind', async () => {
      expect(await namesOf('10')).toEqual(ADA);
      expect(await idsOf('grace')).not.toContain('10');
    });

    it('nothing is filled in where its names do not all belong to one user', async () => {
      expect(await namesOf('4')).toEqual(['ada', 'somebody01', null]);
      expect(await namesOf('5')).toEqual(['ada', 'moves01', null]);
    });

    it('what the table does not know stays null', async () => {
      expect(await namesOf('6')).toEqual(['nobody', null, null]);
      expect(await namesOf('7')).toEqual([null, null, null]);
      expect(await namesOf('11')).toEqual(['grace', null, 'grace@example.org']);
    });

    it('names are filled in again when Slurm says more of it', async () => {
      await service.load({
        jobs: [jobRecord({ slurm: { job_id: '1', job_state: 'COMPLETED' }, cw: { mila_cluster_username: 'ada' } })],
      });
      expect(await namesOf('1')).toEqual(ADA);
    });
  });

  describe('filled-in names', () => {
    it('are found by user', async () => {
      for (const name of ADA)
        expect((await idsOf(name)).sort()).toEqual(expect.arrayContaining(['1', '2', '3', '8', '9']));
      expect(await idsOf('ada01')).not.toContain('4');
    });

    it('count for ownership', async () => {
      const ada = (await service.cli(['keys', 'create', 'ada@example.org'])).stdout.trim();
      for (const jobId of ['1', '2', '3', '8', '9']) expect(await update(ada, jobId)).toBe(200);
      for (const jobId of ['4', '5', '6', '7', '11']) expect(await update(ada, jobId)).toBe(403);
    });

    it('are marked in an export, which an import elsewhere does not take for names of the job', async () => {
      const { stdout } = await service.cli(['export', 'jobs']);
      const exported = stdout.split('\n').find((line) => line.includes('"job_id":"2"')) ?? '';
      expect((JSON.parse(exported) as { jobs: PublicJob }).jobs.cw).toMatchObject({
        cc_account_username: 'ada01',
        filled_in: ['mila_cluster_username', 'mila_email_username'],
      });
      const elsewhere = { ...service.environment, MONGODB_URI: newDatabase() };
      expect(await runCli(elsewhere, ['import', '-'], exported)).toMatchObject({ code: 0 });
      const again = (JSON.parse((await runCli(elsewhere, ['export', 'jobs'])).stdout) as { jobs: PublicJob }).jobs;
      expect(again.cw).toMatchObject({
        cc_account_username: 'ada01',
        mila_cluster_username: null,
        mila_email_username: null,
      });
      expect(again.cw).not.toHaveProperty('filled_in');
    });

    it('are not marked where the API shows the job', async () => {
      const { body } = await service.request('/jobs/one?job_id=2', { key: reader });
      expect((body as PublicJob).cw).not.toHaveProperty('filled_in');
    });
  });

  describe('when a user is added', () => {
    it('the jobs that are there are filled in, from any one of the names', async () => {
      await cli('users', 'add', 'later@example.org', '--cluster-username', 'later', '--cc-username', 'later01');
      for (const jobId of ['20', '21', '22']) {
        expect(await namesOf(jobId)).toEqual(['later', 'later01', 'later@example.org']);
      }
    });

    it('the owner may update them from then on', async () => {
      const key = await keyOf('later@example.org');
      for (const jobId of ['20', '21', '22']) expect(await update(key, jobId)).toBe(200);
    });
  });

  describe('when a user is corrected', () => {
    it('a filled-in name becomes the new one, and a name that the job came with stays', async () => {
      await cli('users', 'set', 'moves@example.org', '--cc-username', 'moves02');
      expect(await namesOf('30')).toEqual(['moves', 'moves02', 'moves@example.org']);
      expect(await idsOf('moves02')).toEqual(['30']);
    });

    it('a job whose names are not one user’s any more loses what was filled in', async () => {
      expect(await namesOf('31')).toEqual([null, 'moves01', null]);
      expect(await namesOf('32')).toEqual(['moves', 'moves01', null]);
      const key = await keyOf('moves@example.org');
      expect(await update(key, '30')).toBe(200);
      expect(await update(key, '31')).toBe(403);
      expect(await update(key, '32')).toBe(403);
    });

    it('a name that is taken back takes back what was filled in', async () => {
      await cli('users', 'set', 'moves@example.org', '--cc-username', '');
      expect(await namesOf('30')).toEqual(['moves', null, 'moves@example.org']);
      expect(await idsOf('moves02')).toEqual([]);
    });

    it('a name that passes to another user takes its jobs along', async () => {
      await cli('users', 'set', 'renamed@example.org', '--cc-username', 'new01');
      expect(await namesOf('40')).toEqual([null, 'old01', null]);
      await cli('users', 'set', 'grace@example.org', '--cc-username', 'old01');
      expect(await namesOf('40')).toEqual(['grace', 'old01', 'grace@example.org']);
      expect(await namesOf('11')).toEqual(['grace', 'old01', 'grace@example.org']);
    });

    it('by an import, it is the same', async () => {
      await service.load({ users: [{ mila_email_username: 'grace@example.org', cc_account_username: null }] });
      expect(await namesOf('11')).toEqual(['grace', null, 'grace@example.org']);
      expect(await namesOf('40')).toEqual([null, 'old01', null]);
    });

    it('what a command that was cut off left undone is done soon after', async () => {
      const database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
      try {
        // As the command leaves it that ends between the change of the user and that of their jobs.
        await database
          .db()
          .collection<{ refill: object[] }>('users')
          .updateOne(
            { mila_email_username: 'renamed@example.org' },
            {
              $set: { mila_cluster_username: 'unfinished' },
              $push: { refill: { kind: 'mila_cluster_username', name: 'unfinished' } },
            },
          );
        const ends = Date.now() + PATIENCE_MS;
        while ((await namesOf('50'))[2] === null && Date.now() < ends) await wait(200);
        expect(await namesOf('50')).toEqual(['unfinished', 'new01', 'renamed@example.org']);
      } finally {
        await database.close();
      }
    });
  });

  it('a name of one kind belongs to one user', async () => {
    const taken = await service.cli(['users', 'add', 'second@example.org', '--cluster-username', 'ada']);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/mila_cluster_username "ada" belongs to another user/);
    // The same text as a name of another kind is another name.
    await cli('users', 'add', 'third@example.org', '--cc-username', 'ada');
    expect(await namesOf('1')).toEqual(ADA);
  });

  async function keyOf(email: string): Promise<string> {
    return (await service.cli(['keys', 'create', email])).stdout.trim();
  }
});
