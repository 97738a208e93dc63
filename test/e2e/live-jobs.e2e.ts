import { type Document, MongoClient } from 'mongodb';
import { JobWriter, LiveJobs } from '#libs/jobs';
import type { PlainJson } from '#libs/json';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobInputOf } from '../support/job-inputs.js';
import type { PublicJob } from '../support/job-records.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

type Slurm = Record<string, PlainJson>;

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 12, minute));

let service: ClockworkService;
let collector: OpenServices;
let database: MongoClient;
let key: string;

beforeAll(async () => {
  service = await startService();
  collector = await openServices(service.environment);
  database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
});

afterAll(async () => {
  await collector.close();
  await database.close();
  await service.stop();
});

const live = () => collector.services.get(LiveJobs);
const jobs = () => database.db().collection('jobs');

function job(cluster_name: string, job_id: string, slurm: Slurm = {}): Slurm {
  return {
    cluster_name,
    job_id,
    job_state: 'RUNNING',
    mila_cluster_username: 'ada',
    submit_time: '2026-01-05T10:00:00Z',
    end_time: 'Unknown',
    state_flags: [],
    ...slurm,
  };
}

async function write(origin: 'controller' | 'accounting' | 'import', ...records: Slurm[]): Promise<void> {
  const inputs = records.map((slurm) => jobInputOf(slurm));
  await collector.services.get(JobWriter).write(inputs, origin);
}

async function idsOf(cluster: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of live().idsOf(cluster)) ids.push(...batch);
  return ids.sort();
}

async function one(cluster: string, jobId: string): Promise<PublicJob> {
  return (await service.request(`/jobs/one?cluster_name=${cluster}&job_id=${jobId}`, { key })).body as PublicJob;
}

describe('the live jobs of a cluster', () => {
  it('are those that Slurm may still change, whoever wrote them', async () => {
    await write(
      'controller',
      job('a', '1'),
      job('a', '2', { job_state: 'PENDING' }),
      job('a', '3', { job_state: 'COMPLETED' }),
      job('a', '4', { job_state: 'FAILED', state_flags: ['COMPLETING'] }),
      job('a', '5', { job_state: 'COMPLETING' }),
      job('a', '6', { job_state: 'DREAMING' }),
      job('b', '7'),
    );
    await write('import', job('a', '8'), job('a', '9', { job_state: 'TIMEOUT' }));
    expect(await idsOf('a')).toEqual(['1', '2', '4', '5', '6', '8']);
    await write('accounting', job('a', '1', { job_state: 'FAILED' }));
    await write('controller', job('a', '4', { job_state: 'FAILED' }), job('a', '2'));
    expect(await idsOf('a')).toEqual(['2', '5', '6', '8']);
  });

  it('come in batches, from the index alone', async () => {
    await write('controller', ...Array.from({ length: 2_500 }, (_, index) => job('many', String(1000 + index))));
    const sizes: number[] = [];
    for await (const batch of live().idsOf('many')) sizes.push(batch.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_500);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    const plan = await jobs()
      .find({ 'slurm.cluster_name': 'many', 'source.live': true }, { projection: { _id: 0, 'slurm.job_id': 1 } })
      .hint('live')
      .explain('executionStats');
    expect(plan['executionStats']).toMatchObject({ nReturned: 2_500, totalDocsExamined: 0 });
  });

  it('include those that a version without this mark has stored', async () => {
    await write('controller', job('old', '1'), job('old', '2', { job_state: 'COMPLETED' }));
    await jobs().updateMany({ 'slurm.cluster_name': 'old' }, { $unset: { 'source.live': 1 } });
    await database.db().collection('migrations').deleteMany({});
    const restarted = await openServices(service.environment);
    try {
      const ids: string[][] = [];
      for await (const batch of restarted.services.get(LiveJobs).idsOf('old')) ids.push(batch);
      expect(ids).toEqual([['1']]);
    } finally {
      await restarted.close();
    }
  });
});

describe('a job that a reading does not show', () => {
  it('stays as it was, marked as stale since the first time', async () => {
    await write('controller', job('gone', '1'), job('gone', '2'), job('gone', '3', { job_state: 'COMPLETED' }));
    const { cw } = await one('gone', '1');
    expect(cw).not.toHaveProperty('stale');
    expect(await live().missed('gone', ['1', '3', '4'], at(1))).toBe(1);
    expect(await live().missed('gone', ['1', '2'], at(2))).toBe(1);
    expect(await one('gone', '1')).toMatchObject({
      slurm: { job_state: 'RUNNING' },
      cw: { ...cw, stale: true, phase: 'running', outcome: null },
    });
    expect(await live().vanished('gone', 10)).toEqual([
      { jobId: '1', since: at(1) },
      { jobId: '2', since: at(2) },
    ]);
    expect(await live().vanished('gone', 1)).toEqual([{ jobId: '1', since: at(1) }]);
    expect(await idsOf('gone')).toEqual(['1', '2']);
  });

  it('and is marked already is not written again, which lists would notice', async () => {
    const tag = (await service.request('/jobs/list?cluster_name=gone', { key })).headers.etag;
    const version = () =>
      database
        .db()
        .collection('versions')
        .findOne({ _id: 'jobs' as never });
    const before = await version();
    expect(await live().missed('gone', ['1', '2'], at(3))).toBe(0);
    expect(await live().giveUp('gone', at(0))).toBe(0);
    expect(await version()).toEqual(before);
    expect((await service.request('/jobs/list?cluster_name=gone', { key })).headers.etag).toBe(tag);
  });

  it('is no longer stale when a reading shows it again, though it is the same as before', async () => {
    await write('controller', job('gone', '1'));
    expect((await one('gone', '1')).cw).not.toHaveProperty('stale');
    expect(await live().vanished('gone', 10)).toEqual([{ jobId: '2', since: at(2) }]);
    expect(await live().missed('gone', ['1'], at(4))).toBe(1);
  });

  it('is ended by accounting, and by nothing that accounting says of it as running', async () => {
    await write('accounting', job('gone', '1', { start_time: '2026-01-05T10:01:00Z' }));
    expect((await one('gone', '1')).cw).toMatchObject({ stale: true, phase: 'running' });
    await write('accounting', job('gone', '1', { job_state: 'TIMEOUT', end_time: '2026-01-05T11:00:00Z' }));
    const { cw } = await one('gone', '1');
    expect(cw).toMatchObject({ phase: 'finished', outcome: 'timeout' });
    expect(cw).not.toHaveProperty('stale');
    expect(await idsOf('gone')).toEqual(['2']);
  });
});

describe('a job that nobody can say anything of', () => {
  const storedJob = (jobId: string): Promise<Document | null> => jobs().findOne({ 'slurm.job_id': jobId });

  it('is unknown after a while, and not asked after any more; one whose end is known keeps it', async () => {
    await write(
      'controller',
      job('lost', '11'),
      job('lost', '12'),
      job('lost', '13', { job_state: 'FAILED', state_flags: ['COMPLETING'], end_time: '2026-01-05T11:00:00Z' }),
    );
    await live().missed('lost', ['11', '13'], at(10));
    await live().missed('lost', ['12'], at(20));
    expect(await live().giveUp('lost', at(10))).toBe(0);
    expect(await live().giveUp('lost', at(15))).toBe(2);
    expect(await one('lost', '11')).toMatchObject({
      slurm: { job_state: 'RUNNING' },
      cw: { phase: 'unknown', outcome: null, stale: true },
    });
    expect((await one('lost', '13')).cw).toMatchObject({ phase: 'finished', outcome: 'failed' });
    expect(await live().vanished('lost', 10)).toEqual([{ jobId: '12', since: at(20) }]);
    expect(await idsOf('lost')).toEqual(['12']);
    expect((await storedJob('11'))?.['source']).not.toHaveProperty('live');
  });

  it('is left out of no list, for its end is not known either', async () => {
    const { body } = await service.request('/jobs/list?cluster_name=lost&time=0', { key });
    expect((body as PublicJob[]).map(({ slurm }) => slurm.job_id).sort()).toEqual(['11', '12']);
  });

  it.each<['controller' | 'accounting', Slurm, object]>([
    ['controller', {}, { phase: 'running', outcome: null }],
    ['accounting', { job_state: 'FAILED', end_time: '2026-01-05T11:00:00Z' }, { phase: 'finished', outcome: 'failed' }],
  ])('is corrected by a later record of the %s', async (origin, slurm, expected) => {
    const id = origin === 'controller' ? '14' : '15';
    await write('controller', job('lost', id));
    await live().missed('lost', [id], at(1));
    expect(await live().giveUp('lost', at(2))).toBe(1);
    await write(origin, job('lost', id, slurm));
    const { cw } = await one('lost', id);
    expect(cw).toMatchObject(expected);
    expect(cw).not.toHaveProperty('stale');
  });

  it('keeps its dict through all of this', async () => {
    await write('controller', job('lost', '16'));
    const json = { job_id: '16', cluster_name: 'lost', update_pairs: { 'a.b': 1 } };
    const { status } = await service.request('/jobs/user_dict_update', { method: 'PUT', key, json });
    expect(status).toBe(200);
    await live().missed('lost', ['16'], at(1));
    await live().giveUp('lost', at(2));
    expect((await one('lost', '16')).user).toEqual({ 'a.b': 1 });
  });
});
