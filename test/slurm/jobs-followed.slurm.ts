import {
  byCommand,
  ClockworkOnSlurm,
  type PublicJob,
  type PublicNode,
  untilForgotten,
} from './support/clockwork-on-slurm.ts';
import { endGated, submitGated } from './support/gated-job.ts';
import { type SlurmCluster, startSlurm } from './support/index.ts';
import { Started } from './support/started.ts';
import { until } from './support/until.ts';

const ZONE = 'America/Toronto';
const UNKNOWN = 'Unknown';
const PENDING = { cw: { phase: 'pending', outcome: null }, slurm: { job_state: 'PENDING' } };
const RUNNING = { cw: { phase: 'running', outcome: null }, slurm: { job_state: 'RUNNING' } };

const ALICE = {
  mila_email_username: 'alice@example.org',
  mila_cluster_username: 'alice',
  cc_account_username: 'alice01',
};

const started = new Started();
let slurm: SlurmCluster;
let clockwork: ClockworkOnSlurm;
let aliceKey: string;

/** The stories go on at the same time: each has jobs of its own, and most of each is waiting for the next reading. */
beforeAll(async () => {
  [slurm, clockwork] = await Promise.all([
    started.add(startSlurm(), (it) => it.stop()),
    started.add(ClockworkOnSlurm.prepare(), (it) => it.end()),
  ]);
  const names = ['--cluster-username', ALICE.mila_cluster_username, '--cc-username', ALICE.cc_account_username];
  [aliceKey] = await Promise.all([
    clockwork.keyOf(ALICE.mila_email_username, names),
    clockwork.start([{ name: 'mila', account_kind: 'mila', time_zone: ZONE, ...byCommand(slurm) }]),
  ]);
});

afterAll(async () => {
  await started.end();
});

function time(job: PublicJob, name: string): number {
  const text = String(job.slurm[name]);
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00$/);
  return Date.parse(text);
}

async function nodes(): Promise<Map<unknown, PublicNode>> {
  const list = await clockwork.body<PublicNode[]>('/nodes/list');
  return new Map(list.map((node) => [node.slurm['name'], node]));
}

it.concurrent('a job is followed from its submission to its end, and stays as it ended', async () => {
  const before = Math.floor(Date.now() / 1_000) * 1_000;
  const args = ['--hold', '--time=10', '--cpus-per-task=2', '--partition=main'];
  const id = await submitGated(slurm, { name: 'train', args });
  const waiting = await clockwork.untilJob(id, 'to wait', PENDING);
  expect(waiting).toMatchObject({
    slurm: {
      job_id: id,
      name: 'train',
      cluster_name: 'mila',
      mila_cluster_username: 'alice',
      account: 'vision',
      partition: 'main',
      time_limit: 600,
      nodes: null,
      state_reason: 'JobHeldUser',
      start_time: UNKNOWN,
      array_job_id: null,
    },
    cw: ALICE,
    user: {},
  });
  expect(waiting.slurm).not.toHaveProperty('cc_account_username');
  expect(time(waiting, 'submit_time')).toBeGreaterThanOrEqual(before);
  expect(time(waiting, 'submit_time')).toBeLessThanOrEqual(Date.now());

  const dict = { loss: 0.5, 'a.b': [1, null], $set: { x: 1 } };
  expect(await clockwork.updateDict(id, dict, aliceKey)).toMatchObject({ status: 200, body: dict });
  await slurm.run('scontrol', ['release', id]);

  const running = await clockwork.untilJob(id, 'to run', RUNNING);
  expect(running).toMatchObject({
    slurm: { nodes: expect.stringMatching(/^cn-/) as unknown, num_cpus: 2 },
    user: dict,
  });
  expect(running.slurm['submit_time']).toBe(waiting.slurm['submit_time']);
  expect(time(running, 'start_time')).toBeGreaterThanOrEqual(time(running, 'submit_time'));
  expect(time(running, 'end_time') - time(running, 'start_time')).toBe(600_000);
  expect(await clockwork.updateDict(id, { epoch: 2 }, aliceKey)).toMatchObject({ status: 200 });

  await endGated(slurm, id);
  const ended = await clockwork.untilJob(id, 'to have ended', {
    slurm: { job_state: 'COMPLETED', exit_code: '0:0', nodes: running.slurm['nodes'] },
    cw: { phase: 'finished', outcome: 'completed', attempts: [], ...ALICE },
  });
  expect(ended.user).toEqual({ ...dict, epoch: 2 });
  expect(ended.slurm['start_time']).toBe(running.slurm['start_time']);
  expect(time(ended, 'end_time')).toBeGreaterThan(time(ended, 'start_time'));
  expect(time(ended, 'end_time')).toBeLessThanOrEqual(Date.now());

  await untilForgotten(slurm, id);
  await clockwork.untilReadAnew('mila');
  expect(await clockwork.job(id)).toEqual(ended);
});

it.concurrent('a job that fails is told apart from one that completes, with what it returned', async () => {
  const id = await slurm.submit({ script: 'exit 3' });
  await clockwork.untilJob(id, 'to have failed', {
    slurm: { job_state: 'FAILED', exit_code: '3:0' },
    cw: { phase: 'finished', outcome: 'failed' },
  });
});

it.concurrent('a job is cancelled while it runs, and another while it waits', async () => {
  const running = await submitGated(slurm);
  const waiting = await submitGated(slurm, { args: ['--hold'] });
  const started = await clockwork.untilJob(running, 'to run', RUNNING);
  await clockwork.untilJob(waiting, 'to wait', PENDING);
  await slurm.run('scancel', [running, waiting]);
  const cancelled = { slurm: { job_state: 'CANCELLED' }, cw: { phase: 'finished', outcome: 'cancelled' } };
  const ran = await clockwork.untilJob(running, 'to be cancelled', cancelled);
  expect(ran.slurm).toMatchObject({ nodes: started.slurm['nodes'], start_time: started.slurm['start_time'] });
  const waited = await clockwork.untilJob(waiting, 'to be cancelled', cancelled);
  expect(waited.slurm).toMatchObject({ nodes: null });
  await Promise.all([untilForgotten(slurm, running), untilForgotten(slurm, waiting)]);
  await clockwork.untilReadAnew('mila');
  expect(await clockwork.job(running)).toEqual(ran);
  expect(await clockwork.job(waiting)).toEqual(waited);
});

it.concurrent('a job runs into its time limit', async () => {
  const id = await submitGated(slurm, { args: ['--time=5'] });
  await clockwork.untilJob(id, 'to run', RUNNING);
  // slurmctld looks at limits twice a minute.
  await slurm.run('scontrol', ['update', `JobId=${id}`, 'EndTime=now+1']);
  const timeout = { slurm: { job_state: 'TIMEOUT' }, cw: { phase: 'finished', outcome: 'timeout' } };
  await clockwork.untilJob(id, 'to have run out of time', timeout, 75_000);
});

it.concurrent('nodes show their GPUs, by the catalogue that is built in', async () => {
  await clockwork.untilReadAnew('mila');
  const found = await nodes();
  expect([...found.keys()]).toEqual(['cn-a001', 'cn-a002', 'cn-b001', 'cn-c001']);
  expect(found.get('cn-a001')).toMatchObject({
    slurm: { gres: 'gpu:rtx8000:2', memory: '4000', cpus: 8, partitions: ['main', 'gpu'], cluster_name: 'mila' },
    cw: { gpu: { cw_name: 'rtx8000', number: 2 } },
  });
  expect(found.get('cn-b001')?.cw).toEqual({
    gpu: { cw_name: 'a100', number: 2 },
    gpus: [
      { cw_name: 'a100', number: 2 },
      { cw_name: 'v100', number: 1 },
    ],
  });
  expect(found.get('cn-c001')?.cw).toEqual({});
  expect(await clockwork.body('/nodes/one/gpu?node_name=cn-a002')).toEqual({
    name: 'rtx8000',
    vendor: 'nvidia',
    ram: 48,
    cuda_cores: 4608,
    tensor_cores: 576,
    tflops_fp32: 16.3,
  });
  expect(await clockwork.body('/nodes/one/gpu?node_name=cn-c001')).toEqual({});
});

it.concurrent('a job has the GPUs that it was given, and its node shows them in use', async () => {
  const id = await submitGated(slurm, { args: ['--partition=gpu', '--gres=gpu:a100:2'] });
  const job = await clockwork.untilJob(id, 'to run', RUNNING);
  expect(job.slurm).toMatchObject({ nodes: 'cn-b001', partition: 'gpu' });
  expect(job.slurm['tres_allocated']).toContain('gres/gpu:a100=2');
  await until('cn-b001 to show its GPUs in use', async () => {
    const slurmPart = (await nodes()).get('cn-b001')?.slurm;
    expect(slurmPart).toMatchObject({ state: 'MIXED', gres_used: expect.stringContaining('gpu:a100:2') as unknown });
    expect(slurmPart?.['alloc_tres']).toContain('gres/gpu:a100=2');
  });
  await endGated(slurm, id);
  await until('cn-b001 to have its GPUs back', async () => {
    const slurmPart = (await nodes()).get('cn-b001')?.slurm;
    expect(slurmPart).toMatchObject({ gres_used: expect.not.stringContaining('a100:2') as unknown });
    expect(slurmPart?.['alloc_tres'] ?? '').not.toContain('gpu');
  });
});

it.concurrent('a node is drained, and taken back', async () => {
  // No story needs it to be idle, and jobs are not kept from ending on it.
  await slurm.run('scontrol', ['update', 'NodeName=cn-c001', 'State=DRAIN', 'Reason=broken fan']);
  await until('cn-c001 to be drained', async () => {
    const node = (await nodes()).get('cn-c001')?.slurm;
    expect(node).toMatchObject({ state: expect.stringMatching(/\bDRAIN\b/) as unknown, reason: 'broken fan' });
  });
  await slurm.run('scontrol', ['update', 'NodeName=cn-c001', 'State=RESUME']);
  await until('cn-c001 to be back', async () => {
    const node = (await nodes()).get('cn-c001')?.slurm;
    expect(node).toMatchObject({ state: expect.not.stringContaining('DRAIN') as unknown, reason: null });
  });
});

it.concurrent.each([
  ['columns', 'a|b|COMPLETED|0:0'],
  ['quotes', `it's "quoted" \\ {"jobs": []}`],
  ['another job', 'x\n\nJobId=9 JobName=y\n   UserId=bob(1001)'],
  ['an alphabet', 'entraîner 训练 🚀'],
])('a name may look like %s', async (_, name) => {
  const id = await slurm.submit({ name, args: [`--comment=${name}`] });
  await clockwork.untilJob(id, 'to have ended', { slurm: { name }, cw: { outcome: 'completed' } });
  await untilForgotten(slurm, id);
  await clockwork.untilReadAnew('mila');
  expect(await clockwork.job(id)).toMatchObject({ slurm: { name, comment: name, mila_cluster_username: 'alice' } });
});

it.concurrent('a person who is added to the users table becomes the owner of the jobs that are there', async () => {
  const id = await submitGated(slurm, { user: 'bob', args: ['--hold'] });
  const job = await clockwork.untilJob(id, 'to wait', PENDING);
  expect(job.cw).toMatchObject({ mila_email_username: null, mila_cluster_username: 'bob', cc_account_username: null });
  expect(await clockwork.updateDict(id, { x: 1 }, aliceKey)).toMatchObject({ status: 403 });
  const key = await clockwork.keyOf('bob@example.org', ['--cluster-username', 'bob', '--cc-username', 'bob02']);
  await clockwork.untilJob(id, 'to have its names filled in', {
    cw: { mila_email_username: 'bob@example.org', cc_account_username: 'bob02' },
  });
  expect(await clockwork.updateDict(id, { x: 1 }, key)).toMatchObject({ status: 200, body: { x: 1 } });
  await slurm.run('scancel', [id]);
});

it.concurrent('a job that is requeued while it runs is the same job, with one attempt more and its dict', async () => {
  const id = await submitGated(slurm);
  const first = await clockwork.untilJob(id, 'to run', RUNNING);
  await clockwork.updateDict(id, { loss: 0.25 }, aliceKey);
  await slurm.run('scontrol', ['requeue', id]);
  const second = await clockwork.untilJob(id, 'to run again', { ...RUNNING, cw: { attempts: [{}] } });
  expect(second.user).toEqual({ loss: 0.25 });
  expect(second.slurm).toMatchObject({ restart_count: 1 });
  expect(time(second, 'submit_time')).toBeGreaterThan(time(first, 'submit_time'));
  expect(second.cw['attempts']).toMatchObject([
    { submit_time: first.slurm['submit_time'], start_time: first.slurm['start_time'], nodes: first.slurm['nodes'] },
  ]);
  await endGated(slurm, id, { run: 1, exitCode: 4 });
  const ended = await clockwork.untilJob(id, 'to have failed', {
    slurm: { job_state: 'FAILED', exit_code: '4:0', restart_count: 1 },
    cw: { outcome: 'failed' },
  });
  expect(ended.cw['attempts']).toHaveLength(1);
  await untilForgotten(slurm, id);
  await clockwork.untilReadAnew('mila');
  const job = await clockwork.job(id);
  expect(job).toMatchObject({ slurm: { job_state: 'FAILED', exit_code: '4:0' }, user: { loss: 0.25 } });
  expect(job.cw['attempts']).toHaveLength(1);
  expect(await clockwork.archived(id)).toEqual([]);
});

it.concurrent('a job that is requeued after its end is the same job, and how it ended first is kept', async () => {
  const id = await submitGated(slurm);
  await clockwork.untilJob(id, 'to run', RUNNING);
  await clockwork.updateDict(id, { loss: 0.125 }, aliceKey);
  await endGated(slurm, id, { exitCode: 5 });
  await clockwork.untilJob(id, 'to have failed', { cw: { outcome: 'failed' }, slurm: { exit_code: '5:0' } });
  await slurm.run('scontrol', ['requeue', id]);
  const second = await clockwork.untilJob(id, 'to run again', { ...RUNNING, cw: { attempts: [{}], outcome: null } });
  expect(second.user).toEqual({ loss: 0.125 });
  expect(second.cw['attempts']).toMatchObject([{ job_state: 'FAILED', exit_code: '5:0' }]);
  await endGated(slurm, id, { run: 1 });
  const job = await clockwork.untilJob(id, 'to have completed', {
    cw: { outcome: 'completed' },
    user: { loss: 0.125 },
  });
  expect(job.cw['attempts']).toMatchObject([{ job_state: 'FAILED', exit_code: '5:0' }]);
  expect(await clockwork.archived(id)).toEqual([]);
});

it.concurrent('an array is one record until its tasks start; its dict stays with the record', async () => {
  const array = await submitGated(slurm, { args: ['--array=0-2%2', '--hold'] });
  const waiting = await clockwork.untilJob(array, 'to wait', PENDING);
  expect(waiting.slurm).toMatchObject({
    job_id: array,
    array_job_id: array,
    array_task_id: null,
    array_task_string: '0-2%2',
  });
  const listed = await clockwork.body<PublicJob[]>(`/jobs/list?array_job_id=${array}`);
  expect(listed.map(({ slurm: { job_id } }) => job_id)).toEqual([array]);
  expect(await clockwork.updateDict(array, { sweep: 'lr' }, aliceKey)).toMatchObject({ status: 200 });
  await slurm.run('scontrol', ['release', array]);

  const first = await clockwork.untilJob(`${array}_0`, 'to run', RUNNING);
  const second = await clockwork.untilJob(`${array}_1`, 'to run', RUNNING);
  const ids = [first.slurm['job_id'], second.slurm['job_id'], array];
  expect(new Set(ids).size).toBe(3);
  expect([first.user, second.user]).toEqual([{}, {}]);
  // Slurm shows what is left as the record of one task or as that task, and either has the array's id.
  await until(`job ${array} to be the task that is left`, async () => {
    const { slurm: left, cw, user } = await clockwork.job(array);
    expect({ job_id: left['job_id'], phase: cw['phase'], user }).toEqual({
      job_id: array,
      phase: 'pending',
      user: { sweep: 'lr' },
    });
    expect(String(left['array_task_id'] ?? left['array_task_string'])).toMatch(/^2(%2)?$/);
  });
  expect(await clockwork.updateDict(`${array}_1`, { lr: 0.1 }, aliceKey)).toMatchObject({ status: 200 });

  await endGated(slurm, String(first.slurm['job_id']));
  const last = await clockwork.untilJob(`${array}_2`, 'to run', RUNNING);
  expect(last).toMatchObject({ slurm: { job_id: array, array_task_id: 2 }, user: { sweep: 'lr' } });
  expect(await clockwork.job(array)).toEqual(last);

  await endGated(slurm, String(second.slurm['job_id']), { exitCode: 2 });
  await endGated(slurm, array);
  const outcomes = ['completed', 'failed', 'completed'];
  for (const [task, outcome] of outcomes.entries()) {
    await clockwork.untilJob(`${array}_${task}`, 'to have ended', { cw: { phase: 'finished', outcome, attempts: [] } });
  }
  await untilForgotten(slurm, array);
  await clockwork.untilReadAnew('mila');
  const dicts = [{}, { lr: 0.1 }, { sweep: 'lr' }];
  for (const [task, dict] of dicts.entries()) {
    const job = await clockwork.job(`${array}_${task}`);
    expect(job).toMatchObject({ slurm: { job_id: ids[task] }, cw: { outcome: outcomes[task] } });
    expect(job.user).toEqual(dict);
  }
  expect(await clockwork.archived(array)).toEqual([]);
});

it.concurrent('answers say how fresh they are', async () => {
  const { observed_at } = await clockwork.untilReadAnew('mila');
  await until('the header to tell of that reading or a later one', async () => {
    const { headers } = await clockwork.answer('/jobs/list?cluster_name=mila');
    const told = Date.parse(String(headers['clockwork-observed-at']));
    expect(told).toBeGreaterThanOrEqual(Date.parse(String(observed_at)));
    expect(headers).not.toHaveProperty('clockwork-stale');
  });
  expect(await clockwork.cluster('mila')).toMatchObject({ stale: false, failures: [], waiting: 0 });
});
