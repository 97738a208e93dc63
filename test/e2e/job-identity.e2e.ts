import { type Document, MongoClient, ObjectId } from 'mongodb';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord, type JobParts, type PublicJob } from '../support/job-records.js';

const DAY_1 = '2024-05-01T10:00:00-04:00';
const DAY_2 = '2024-05-02T10:00:00-04:00';
const DAY_3 = '2024-05-03T10:00:00-04:00';

/** An import is a reading of Slurm: it goes through the same rules. Each job here is one case, named by its place. */
describe('a job from one reading of Slurm to the next', () => {
  let service: ClockworkService;
  let database: MongoClient;
  let key: string;

  const job = (slurm: Record<string, unknown>, user: Record<string, unknown> = {}): JobParts =>
    jobRecord({ slurm: { uid: '10001', ...slurm }, cw: { mila_cluster_username: 'ada' }, user });

  const firstReading = [
    job({ job_id: '1', submit_time: DAY_1, restart_count: 0, nodes: 'cn-a001', job_state: 'NODE_FAIL' }),
    job({ job_id: '2', submit_time: DAY_1, restart_count: 0 }),
    job({ job_id: '3', submit_time: DAY_1 }),
    job({ job_id: '4', submit_time: DAY_1, restart_count: 2 }),
    job({ job_id: '5', submit_time: DAY_1, restart_count: 0 }),
    job({ job_id: '6', submit_time: DAY_2, restart_count: 0 }),
    job({ job_id: '7', submit_time: DAY_1 }),
    job({ job_id: '8', submit_time: '2024-05-01T10:00:00-04:00' }),
    job({ job_id: '9', submit_time: DAY_1 }),
    job({ job_id: '10', submit_time: DAY_1, restart_count: 1 }),
    job({ job_id: '11', submit_time: DAY_1, cluster_name: 'narval' }),
    job({ job_id: '12', submit_time: DAY_1 }),
  ];
  const secondReading = [
    job({ job_id: '1', submit_time: DAY_2, restart_count: 1, nodes: 'cn-b002' }),
    job({ job_id: '2', submit_time: DAY_2, restart_count: 1, job_state: 'PREEMPTED' }),
    job({ job_id: '2', submit_time: DAY_3, restart_count: 2 }),
    job({ job_id: '3', submit_time: DAY_2, job_state: 'PENDING' }),
    job({ job_id: '4', submit_time: DAY_2, restart_count: 0 }),
    job({ job_id: '5', submit_time: DAY_2, restart_count: 1, uid: '10002' }),
    job({ job_id: '6', submit_time: DAY_1, restart_count: 0, job_state: 'FAILED' }),
    job({ job_id: '7', submit_time: DAY_1, job_state: 'COMPLETED', end_time: DAY_2 }, { from: 'an import' }),
    job({ job_id: '8', submit_time: '2024-05-01T14:00:00+00:00', job_state: 'COMPLETED' }),
    job({ job_id: '10', submit_time: DAY_2, restart_count: 1 }),
    job({ job_id: '11', submit_time: DAY_2, cluster_name: 'mila' }),
  ];
  const dictOf = (record: JobParts) =>
    `{"of":${String(record.slurm['job_id'])},"$set":{"a.b":1.0},"seed":18446744073709551615}`;

  beforeAll(async () => {
    service = await startService();
    database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
    key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
    await service.load({ jobs: firstReading });
    for (const record of firstReading) {
      const body = `{"job_id":"${String(record.slurm['job_id'])}","update_pairs":${dictOf(record)}}`;
      const headers = { 'Content-Type': 'application/json' };
      const { status } = await service.request('/jobs/user_dict_update', { method: 'PUT', key, body, headers });
      if (status !== 200) throw new Error(`the dict of ${body} was not taken`);
    }
    await service.load({ jobs: secondReading });
  });

  afterAll(async () => {
    await database.close();
    await service.stop();
  });

  async function text(jobId: string, cluster = 'mila'): Promise<string> {
    return (await service.request(`/jobs/one?job_id=${jobId}&cluster_name=${cluster}`, { key })).text;
  }

  async function current(jobId: string, cluster?: string): Promise<PublicJob> {
    return JSON.parse(await text(jobId, cluster)) as PublicJob;
  }

  function archived(jobId: string): Promise<Document[]> {
    const filter = { 'slurm.job_id': jobId };
    return database.db().collection('jobs_archive').find(filter, { promoteValues: false }).toArray();
  }

  async function expectSameJob(jobId: string): Promise<void> {
    expect(await text(jobId)).toContain(`,"user":${dictOf({ slurm: { job_id: jobId } })}}`);
    expect(await archived(jobId)).toEqual([]);
  }

  async function expectNewJob(jobId: string): Promise<void> {
    expect(await text(jobId)).toMatch(/,"user":\{\}\}$/);
    expect(await archived(jobId)).toHaveLength(1);
  }

  describe('a requeue (restart count up, new submit time)', () => {
    it('is the same job: its dict stays, and its slurm is what Slurm says now', async () => {
      await expectSameJob('1');
      expect((await current('1')).slurm).toMatchObject({ submit_time: DAY_2, restart_count: 1, nodes: 'cn-b002' });
    });

    it('leaves what the earlier attempt was in cw.attempts', async () => {
      const { attempts } = (await current('1')).cw;
      expect(attempts).toHaveLength(1);
      expect(attempts[0]).toMatchObject({
        submit_time: DAY_1,
        restart_count: 0,
        job_state: 'NODE_FAIL',
        nodes: 'cn-a001',
      });
    });

    it('leaves one attempt for each, oldest first', async () => {
      await expectSameJob('2');
      const { attempts } = (await current('2')).cw;
      expect(attempts.map(({ submit_time, job_state }) => [submit_time, job_state])).toEqual([
        [DAY_1, 'RUNNING'],
        [DAY_2, 'PREEMPTED'],
      ]);
    });

    it('has none before', async () => {
      expect((await current('7')).cw.attempts).toEqual([]);
    });
  });

  describe('a job id issued anew', () => {
    it('is a new job with an empty dict: a later submit time without a restart count', async () => {
      await expectNewJob('3');
      expect((await current('3')).slurm).toMatchObject({ submit_time: DAY_2, job_state: 'PENDING' });
      expect((await current('3')).cw.attempts).toEqual([]);
    });

    it('is a new job where the restart count is lower, or the same', async () => {
      await expectNewJob('4');
      await expectNewJob('10');
    });

    it("is a new job where it is another user's, whatever the restart count", async () => {
      await expectNewJob('5');
    });

    it('leaves the old job in the archive, with its own dict, value for value', async () => {
      const [old] = await archived('3');
      expect(old).toMatchObject({ slurm: { submit_time: DAY_1 }, cw: { mila_cluster_username: 'ada' } });
      const user = (old as { user: Record<string, { toString(): string; _bsontype: string }> }).user;
      expect(Object.keys(user)).toEqual(['of', '$set', 'seed']);
      expect(user['seed']?.toString()).toBe('18446744073709551615');
      expect(user['$set']).toMatchObject({ 'a.b': { _bsontype: 'Double', value: 1 } });
    });

    it('shows the new job alone', async () => {
      const { body } = await service.request('/jobs/list?cluster_name=mila', { key });
      expect((body as PublicJob[]).filter(({ slurm }) => slurm.job_id === '3')).toHaveLength(1);
    });

    it('does not let an old record of the archived job change the new one', async () => {
      const before = await text('3');
      await service.load({ jobs: [job({ job_id: '3', submit_time: DAY_1, job_state: 'FAILED' })] });
      expect(await text('3')).toBe(before);
      expect(await archived('3')).toHaveLength(1);
    });

    it('is another job on each cluster', async () => {
      expect((await current('11', 'narval')).slurm['submit_time']).toBe(DAY_1);
      expect((await current('11', 'narval')).user).toMatchObject({ of: 11 });
      expect((await current('11', 'mila')).user).toEqual({});
    });
  });

  describe('the same submit time', () => {
    it('is the same job: its dict stays and its slurm is what Slurm says now', async () => {
      await expectSameJob('7');
      expect((await current('7')).slurm).toMatchObject({ job_state: 'COMPLETED', end_time: DAY_2 });
      expect((await current('7')).cw).toMatchObject({ phase: 'finished', outcome: 'completed' });
    });

    it('is the same instant, in whatever offset it is written', async () => {
      await expectSameJob('8');
      expect((await current('8')).slurm['job_state']).toBe('COMPLETED');
    });
  });

  it('an earlier submit time is an old record, which changes nothing', async () => {
    await expectSameJob('6');
    expect((await current('6')).slurm).toMatchObject({ submit_time: DAY_2, job_state: 'RUNNING' });
    expect((await current('6')).cw.attempts).toEqual([]);
  });

  it('a job that a reading does not show is not thereby finished', async () => {
    await expectSameJob('9');
    expect((await current('9')).slurm['job_state']).toBe('RUNNING');
    expect((await current('9')).cw).toMatchObject({ phase: 'running', outcome: null });
  });

  it('the same file twice changes nothing', async () => {
    const everything = () =>
      Promise.all(
        ['jobs', 'jobs_archive'].map((name) => database.db().collection(name).find().sort({ _id: 1 }).toArray()),
      );
    await service.load({ jobs: secondReading });
    const before = await everything();
    await service.load({ jobs: secondReading });
    expect(await everything()).toEqual(before);
  });

  it('an export of all jobs, imported again, changes nothing that is shown', async () => {
    const before = (await service.request('/jobs/list', { key })).text;
    const { stdout } = await service.cli(['export', 'jobs']);
    expect(await service.cli(['import', '-'], stdout)).toMatchObject({ code: 0 });
    expect((await service.request('/jobs/list', { key })).text).toBe(before);
  });

  it('a move to the archive that was cut off does not show, and the next reading finishes it', async () => {
    const jobs = database.db().collection<{ source: object; user: object; predecessor?: object }>('jobs');
    const old = await jobs.findOne({ 'slurm.job_id': '12' });
    const predecessor = {
      ...old,
      user: { of: 'the old one' },
      source: { ...old?.source, incarnation: new ObjectId() },
    };
    const before = await text('12');
    await jobs.updateOne({ 'slurm.job_id': '12' }, { $set: { predecessor } });
    expect(await text('12')).toBe(before);
    await service.load({ jobs: [job({ job_id: '12', submit_time: DAY_1 })] });
    expect(await archived('12')).toMatchObject([{ user: { of: 'the old one' } }]);
    expect(await jobs.findOne({ 'slurm.job_id': '12' })).not.toHaveProperty('predecessor');
    expect(await text('12')).toBe(before);
  });
});
