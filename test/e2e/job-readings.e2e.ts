import { type Document, MongoClient } from 'mongodb';
import { JobWriter, type JobWriteOutcome } from '#libs/jobs';
import type { PlainJson } from '#libs/json';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobInputOf } from '../support/job-inputs.js';
import type { PublicJob } from '../support/job-records.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

type Slurm = Record<string, PlainJson>;

const SUBMITTED = '2026-01-05T10:00:00-05:00';
const STARTED = '2026-01-05T10:05:00-05:00';
const ENDED = '2026-01-05T11:00:00-05:00';
const REQUEUED = '2026-01-05T12:00:00-05:00';

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

let lastId = 0;
const newId = () => String((lastId += 1));

/** As the controller shows a running job, but for what `slurm` says. */
function shown(job_id: string, slurm: Slurm = {}): Slurm {
  return {
    job_id,
    name: 'train',
    mila_cluster_username: 'ada',
    uid: '10001',
    account: 'mila',
    job_state: 'RUNNING',
    exit_code: '0:0',
    time_limit: 3600,
    submit_time: SUBMITTED,
    start_time: STARTED,
    end_time: '2026-01-05T11:05:00-05:00',
    partition: 'main',
    nodes: 'cn-a001',
    resv_name: 'transtech',
    command: '/home/ada/train.sh',
    work_dir: '/home/ada',
    stderr: '/home/ada/train.err',
    stdin: '/dev/null',
    stdout: '/home/ada/train.out',
    cluster_name: 'mila',
    array_job_id: null,
    array_task_id: null,
    array_task_string: null,
    het_job_id: null,
    het_job_offset: null,
    state_flags: [],
    state_reason: 'None',
    restart_count: 0,
    qos: 'normal',
    priority: 4_294_000_000,
    num_nodes: 1,
    num_cpus: 4,
    tres_requested: 'cpu=4',
    tres_allocated: 'cpu=4,gres/gpu=1',
    dependency: null,
    comment: 'a note',
    ...slurm,
  };
}

/** As 22.05's accounting tells of a job that has failed. */
function accounted(job_id: string, slurm: Slurm = {}): Slurm {
  return shown(job_id, {
    uid: null,
    job_state: 'FAILED',
    exit_code: null,
    time_limit: null,
    end_time: ENDED,
    resv_name: null,
    command: null,
    stderr: null,
    stdin: null,
    stdout: null,
    restart_count: null,
    tres_allocated: null,
    comment: null,
    ...slurm,
  });
}

async function read(origin: 'controller' | 'accounting' | 'import', ...records: Slurm[]): Promise<JobWriteOutcome[]> {
  return collector.services.get(JobWriter).write(
    records.map((slurm) => jobInputOf(slurm)),
    origin,
  );
}

async function one(jobId: string): Promise<PublicJob> {
  return (await service.request(`/jobs/one?job_id=${jobId}`, { key })).body as PublicJob;
}

async function writeDict(jobId: string, pairs: object): Promise<void> {
  const json = { job_id: jobId, update_pairs: pairs };
  const { status } = await service.request('/jobs/user_dict_update', { method: 'PUT', key, json });
  expect(status).toBe(200);
}

async function stored(jobId: string): Promise<Document> {
  const job = await database.db().collection('jobs').findOne({ 'slurm.job_id': jobId });
  if (job === null) throw new Error(`no job ${jobId}`);
  return job;
}

describe('a reading of the controller', () => {
  it('is not written again where only the priority has changed, and brings it along with any other change', async () => {
    const id = newId();
    const waiting = { job_state: 'PENDING', nodes: null };
    expect(await read('controller', shown(id, { ...waiting, priority: 1 }))).toEqual(['added']);
    const before = await stored(id);
    expect(await read('controller', shown(id, { ...waiting, priority: 2 }))).toEqual(['unchanged']);
    expect(await stored(id)).toEqual(before);
    expect(await read('controller', shown(id, { priority: 3 }))).toEqual(['changed']);
    expect((await one(id)).slurm).toMatchObject({ job_state: 'RUNNING', priority: 3 });
  });

  it('that does not tell a field does not unsay it', async () => {
    const id = newId();
    await read('controller', shown(id));
    const silent = { command: null, stdout: '', stderr: null, mila_cluster_username: null, num_cpus: null };
    await read('controller', shown(id, { ...silent, state_reason: 'Prolog', priority: null }));
    const { slurm, cw } = await one(id);
    expect(slurm).toMatchObject({ ...shown(id), state_reason: 'Prolog' });
    expect(cw['mila_cluster_username']).toBe('ada');
  });

  it('that says there is nothing is taken at its word', async () => {
    const id = newId();
    const waiting = { dependency: 'afterok:1(unfulfilled)', array_task_string: '1', array_job_id: id };
    await read('controller', shown(id, { ...waiting, job_state: 'PENDING', state_reason: 'Dependency' }));
    const nothing = { dependency: null, array_task_string: null, resv_name: null, nodes: null, start_time: 'Unknown' };
    const cancelled = shown(id, { ...nothing, job_state: 'CANCELLED', state_reason: null, array_job_id: id });
    await read('controller', cancelled);
    expect((await one(id)).slurm).toMatchObject({ ...nothing, state_reason: null });
  });

  it('that is late takes no end back', async () => {
    const id = newId();
    await read('controller', shown(id));
    await read('accounting', accounted(id));
    const before = await stored(id);
    expect(await read('controller', shown(id, { state_reason: 'Prolog' }))).toEqual(['outdated']);
    expect(await stored(id)).toEqual(before);
  });

  it('writes nothing the second time', async () => {
    const id = newId();
    const record = shown(id, { command: null });
    await read('controller', shown(id));
    expect(await read('controller', record)).toEqual(['changed']);
    expect(await read('controller', record)).toEqual(['unchanged']);
  });
});

describe('a record of accounting', () => {
  it.each<[string, Slurm]>([
    ['running', {}],
    ['waiting', { job_state: 'PENDING', nodes: null }],
    ['completing', { job_state: 'COMPLETING' }],
    ['failed and completing', { job_state: 'FAILED', state_flags: ['COMPLETING'], end_time: ENDED }],
    ['in a state that nobody knows', { job_state: 'DREAMING' }],
  ])('ends a job that was %s, and what it does not tell stays', async (_, slurm) => {
    const id = newId();
    await read('controller', shown(id, slurm));
    expect(await read('accounting', accounted(id))).toEqual(['changed']);
    const { slurm: now, cw } = await one(id);
    expect(cw).toMatchObject({ phase: 'finished', outcome: 'failed' });
    expect(now).toMatchObject({ job_state: 'FAILED', end_time: ENDED, state_flags: [] });
    const kept = { uid: '10001', restart_count: 0, command: '/home/ada/train.sh', stdout: '/home/ada/train.out' };
    expect(now).toMatchObject({ ...kept, time_limit: 3600, resv_name: 'transtech', comment: 'a note' });
  });

  it('does not give a failed job the exit code of a running one, and keeps one that was seen', async () => {
    const [running, completing] = [newId(), newId()];
    await read('controller', shown(running), shown(completing, { job_state: 'COMPLETING', exit_code: '3:0' }));
    await read('accounting', accounted(running), accounted(completing));
    expect((await one(running)).slurm['exit_code']).toBeNull();
    expect((await one(completing)).slurm['exit_code']).toBe('3:0');
  });

  it('changes nothing of an end that is settled, whoever told it', async () => {
    const id = newId();
    const ended = { job_state: 'CANCELLED', end_time: ENDED };
    await read('controller', shown(id, { ...ended, exit_code: '0:15' }));
    const before = await stored(id);
    expect(await read('accounting', accounted(id, { ...ended, exit_code: '0:0' }))).toEqual(['outdated']);
    expect(await stored(id)).toEqual(before);
  });

  it('of a job that has not ended adds it where it is not there, and else leaves it to the controller', async () => {
    const id = newId();
    const running = accounted(id, { job_state: 'RUNNING', end_time: 'Unknown' });
    expect(await read('accounting', running)).toEqual(['added']);
    expect(await read('controller', shown(id))).toEqual(['changed']);
    const before = await stored(id);
    expect(await read('accounting', accounted(id, { job_state: 'PENDING', end_time: 'Unknown' }))).toEqual([
      'outdated',
    ]);
    expect(await stored(id)).toEqual(before);
  });

  it('without a restart count does not make another job of one that the controller has', async () => {
    const id = newId();
    await read('controller', shown(id));
    await writeDict(id, { of: id });
    const again = { submit_time: REQUEUED, start_time: REQUEUED };
    expect(
      await read(
        'accounting',
        accounted(id, { ...again, job_state: 'RUNNING', end_time: 'Unknown' }),
        accounted(id, { ...again, end_time: '2026-01-05T13:00:00-05:00' }),
      ),
    ).toEqual(['outdated', 'outdated']);
    await read('controller', shown(id, { ...again, restart_count: 1 }));
    expect(await one(id)).toMatchObject({ user: { of: id }, slurm: { restart_count: 1 } });
  });

  it.each<[string, Slurm, Slurm]>([
    [
      'its flag beside a base state',
      { job_state: 'PENDING', state_flags: ['REQUEUED'] },
      { job_state: 'REQUEUED', end_time: ENDED, exit_code: '0:0' },
    ],
    ['its flag alone', { job_state: 'REQUEUED' }, { job_state: 'REQUEUED', end_time: ENDED, exit_code: '0:0' }],
    [
      'a state of its own',
      { job_state: 'NODE_FAIL', exit_code: '0:1' },
      { job_state: 'NODE_FAIL', end_time: ENDED, exit_code: '0:1' },
    ],
  ])('tells how an earlier attempt ended, by %s', async (_, told, attempt) => {
    const id = newId();
    await read('controller', shown(id));
    await read('controller', shown(id, { submit_time: REQUEUED, restart_count: 1 }));
    expect((await one(id)).cw.attempts).toMatchObject([{ job_state: 'RUNNING', submit_time: SUBMITTED }]);
    expect(await read('accounting', accounted(id, told))).toEqual(['changed']);
    const { cw, slurm } = await one(id);
    expect(cw.attempts).toMatchObject([{ submit_time: SUBMITTED, restart_count: 0, nodes: 'cn-a001', ...attempt }]);
    expect(slurm).toMatchObject({ submit_time: REQUEUED, job_state: 'RUNNING' });
    expect(await read('accounting', accounted(id, told))).toEqual(['outdated']);
  });

  it('with a restart count is a requeue, and keeps what no attempt changes', async () => {
    const id = newId();
    await read('controller', shown(id, { job_state: 'NODE_FAIL', exit_code: '0:1', end_time: ENDED }));
    await writeDict(id, { of: id });
    await read('accounting', accounted(id, { submit_time: REQUEUED, restart_count: 1, end_time: REQUEUED }));
    const { slurm, cw, user } = await one(id);
    expect(user).toEqual({ of: id });
    expect(slurm).toMatchObject({ command: '/home/ada/train.sh', exit_code: null, tres_allocated: null });
    expect(cw.attempts).toMatchObject([{ job_state: 'NODE_FAIL', exit_code: '0:1' }]);
  });
});

describe('a requeue is not another job', () => {
  it.each<[string, Slurm]>([
    ['of another array', { array_job_id: '90' }],
    ['of another task', { array_job_id: '80', array_task_id: 2 }],
    ['of another heterogeneous job', { het_job_id: '90', het_job_offset: 0 }],
    ['of another directory', { work_dir: '/home/ada/elsewhere' }],
  ])('%s', async (_, other) => {
    const id = newId();
    await read('controller', shown(id, { array_job_id: '80', array_task_id: 1 }));
    await writeDict(id, { of: id });
    const next = { array_job_id: '80', array_task_id: 1, submit_time: REQUEUED, restart_count: 1, ...other };
    await read('controller', shown(id, next));
    expect((await one(id)).user).toEqual({});
    const archived = await database.db().collection('jobs_archive').find({ 'slurm.job_id': id }).toArray();
    expect(archived).toMatchObject([{ user: { of: id } }]);
  });
});

describe('an array', () => {
  const ARRAY = '900';
  const pending = (tasks: string) =>
    shown(ARRAY, { array_job_id: ARRAY, array_task_string: tasks, job_state: 'PENDING', nodes: null });
  const task = (job_id: string, array_task_id: number, slurm: Slurm = {}) =>
    shown(job_id, { array_job_id: ARRAY, array_task_id, ...slurm });

  it('is one record until its tasks start, each of which is a job of its own, and keeps its dict in the last', async () => {
    await read('controller', pending('0-2%1'));
    await writeDict(ARRAY, { of: 'the array' });
    await read('controller', pending('1-2%1'), task('901', 0));
    expect((await one('901')).user).toEqual({});
    await writeDict(`${ARRAY}_0`, { of: 'task 0' });
    await read('controller', pending('2%1'), task('901', 0), task('902', 1));
    expect((await one(ARRAY)).user).toEqual({ of: 'the array' });

    await read('controller', task(ARRAY, 2), task('901', 0), task('902', 1));
    for (const asked of [ARRAY, `${ARRAY}_2`]) {
      const { slurm, user } = await one(asked);
      expect(slurm).toMatchObject({ job_id: ARRAY, array_task_id: 2, array_task_string: null, job_state: 'RUNNING' });
      expect(user).toEqual({ of: 'the array' });
    }
    expect((await one(`${ARRAY}_0`)).user).toEqual({ of: 'task 0' });
    const { body } = await service.request(`/jobs/count?array_job_id=${ARRAY}`, { key });
    expect(body).toEqual({ count: 3 });
  });

  it('of which a task is requeued: a record of its own again, also while it waits, and also the last', async () => {
    const again = { submit_time: REQUEUED, restart_count: 1, job_state: 'PENDING', nodes: null };
    await read('controller', task('901', 0, again), task(ARRAY, 2, again));
    for (const [asked, of] of [
      [`${ARRAY}_0`, 'task 0'],
      [ARRAY, 'the array'],
    ] as const) {
      const { slurm, cw, user } = await one(asked);
      expect(slurm).toMatchObject({ submit_time: REQUEUED, job_state: 'PENDING' });
      expect(cw.attempts).toMatchObject([{ submit_time: SUBMITTED }]);
      expect(user).toEqual({ of });
    }
  });

  it('whose last task was started and requeued between two readings keeps its dict', async () => {
    const id = newId();
    await read('controller', shown(id, { array_job_id: id, array_task_string: '7', job_state: 'PENDING' }));
    await writeDict(id, { of: id });
    const again = { submit_time: REQUEUED, restart_count: 1, array_job_id: id, array_task_id: 7 };
    await read('controller', shown(id, again));
    expect((await one(`${id}_7`)).user).toEqual({ of: id });
  });
});

describe('an import', () => {
  it('is taken as it stands: what it leaves out is gone, and it may take an end back', async () => {
    const id = newId();
    await read('import', shown(id, { job_state: 'COMPLETED', end_time: ENDED }));
    expect(await read('import', shown(id, { command: null, job_state: 'RUNNING' }))).toEqual(['changed']);
    expect((await one(id)).slurm).toMatchObject({ command: null, job_state: 'RUNNING' });
  });
});

describe('what Slurm itself tells records apart by', () => {
  it('is kept, not shown, while the attempt is the same', async () => {
    const id = newId();
    const writer = collector.services.get(JobWriter);
    await writer.write([jobInputOf(shown(id), { databaseIndex: null, sluid: 's1' })], 'controller');
    await writer.write(
      [jobInputOf(accounted(id), { databaseIndex: '17011934764149533696', sluid: null })],
      'accounting',
    );
    expect((await stored(id))['source']).toMatchObject({ databaseIndex: '17011934764149533696', sluid: 's1' });
    expect(JSON.stringify(await one(id))).not.toMatch(/s1|17011934764149533696/);
    const next = shown(id, { submit_time: REQUEUED, restart_count: 1 });
    await writer.write([jobInputOf(next, { databaseIndex: null, sluid: 's2' })], 'controller');
    const { source } = await stored(id);
    expect(source).toMatchObject({ sluid: 's2' });
    expect(source).not.toHaveProperty('databaseIndex');
  });
});
