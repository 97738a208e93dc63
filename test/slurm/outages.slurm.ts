import { byCommand, ClockworkOnSlurm, type DescribedCluster, untilForgotten } from './support/clockwork-on-slurm.ts';
import { endGated, submitGated } from './support/gated-job.ts';
import { releaseUnderTest, type SlurmCluster, startSlurm } from './support/index.ts';
import { Started } from './support/started.ts';
import { until } from './support/until.ts';

const NAME = 'mila';
const ALICE = 'alice@example.org';
/** So that slurmctld forgets a job about as soon as it can: within 11 s of its end. */
const MIN_JOB_AGE = 2;
/** Longer than the longest wait that a failing cluster has had by then. */
const HEALING_MS = 60_000;
/** 22.05's `sacct --json` does not tell what a job returned. */
const TELLS_EXIT_CODES = releaseUnderTest() !== 'bookworm';

const started = new Started();

interface Watched {
  slurm: SlurmCluster;
  clockwork: ClockworkOnSlurm;
  aliceKey: string;
}

async function startWatched(): Promise<Watched> {
  const prepare = async () => {
    const clockwork = await started.add(ClockworkOnSlurm.prepare(), (it) => it.end());
    return { clockwork, aliceKey: await clockwork.keyOf(ALICE, ['--cluster-username', 'alice']) };
  };
  const [slurm, prepared] = await Promise.all([
    started.add(startSlurm({ minJobAge: MIN_JOB_AGE }), (it) => it.stop()),
    prepare(),
  ]);
  return { slurm, ...prepared };
}

function described(slurm: SlurmCluster): [DescribedCluster] {
  return [{ name: NAME, account_kind: 'mila', time_zone: 'UTC', ...byCommand(slurm) }];
}

const RUNNING = { cw: { phase: 'running', outcome: null }, slurm: { job_state: 'RUNNING' } };
const PENDING = { cw: { phase: 'pending', outcome: null }, slurm: { job_state: 'PENDING' } };

/** Of the one slurmctld fails, of the other what is behind it; each in its own time. */
let one: Watched;
let other: Watched;
/** Goes on beside the rest. */
let whileAccountingIsDown: Promise<void>;

beforeAll(async () => {
  [one, other] = await Promise.all([startWatched(), startWatched()]);
  whileAccountingIsDown = accountingIsDown();
  // It is told of where it is waited for.
  whileAccountingIsDown.catch(() => undefined);
});

afterAll(async () => {
  await started.end();
});

describe('a slurmctld', () => {
  const running = '1';
  const held = '2';

  async function expectBothAsTheyWere(): Promise<void> {
    const jobs = [await one.clockwork.job(running), await one.clockwork.job(held)];
    expect(jobs).toMatchObject([
      { ...RUNNING, user: { of: 'the running one' } },
      { ...PENDING, user: { of: 'the held one' } },
    ]);
    for (const { cw } of jobs) expect(cw).toMatchObject({ attempts: [] });
  }

  it('whose jobs came and went while nobody read: they are found in its accounting', async () => {
    const { slurm, clockwork, aliceKey } = one;
    expect(await submitGated(slurm, { args: ['--no-requeue'] })).toBe(running);
    expect(await submitGated(slurm, { args: ['--hold'] })).toBe(held);
    const failed = await slurm.submit({ script: 'exit 9', name: 'came and went', user: 'carol' });
    const completed = await slurm.submit();
    await untilForgotten(slurm, failed, completed);
    await clockwork.start(described(slurm));
    await clockwork.untilJob(running, 'to run', RUNNING);
    await clockwork.untilJob(held, 'to wait', PENDING);
    for (const [id, dict] of [
      [running, { of: 'the running one' }],
      [held, { of: 'the held one' }],
    ] as const) {
      expect(await clockwork.updateDict(id, dict, aliceKey)).toMatchObject({ status: 200 });
    }
    await clockwork.untilJob(failed, 'to be found', {
      slurm: {
        job_state: 'FAILED',
        exit_code: TELLS_EXIT_CODES ? '9:0' : null,
        name: 'came and went',
        mila_cluster_username: 'carol',
      },
      cw: { phase: 'finished', outcome: 'failed', mila_cluster_username: 'carol' },
      user: {},
    });
    await clockwork.untilJob(completed, 'to be found', { cw: { outcome: 'completed', mila_email_username: ALICE } });
  });

  it('is restarted: nothing ends, nothing is lost', async () => {
    const { slurm, clockwork } = one;
    await slurm.restartController();
    await clockwork.untilReadAnew(NAME);
    await expectBothAsTheyWere();
  });

  it('is down: the last known state is served, and says that it is', async () => {
    const { slurm, clockwork } = one;
    await slurm.stopController();
    const failing = await until('clusters/list to show the failure', async () => {
      const report = await clockwork.cluster(NAME);
      expect(report.failures).toMatchObject([{ what: 'jobs', kind: 'unreachable' }]);
      return report;
    });
    expect(failing.failures[0]?.message).toContain('slurmctld');
    await until('the header of a stale answer', async () => {
      for (const path of ['/jobs/list', '/nodes/list', `/jobs/one?job_id=${running}`]) {
        const { headers } = await clockwork.answer(path);
        expect(headers['clockwork-stale']).toBe(NAME);
        expect(Date.now() - Date.parse(String(headers['clockwork-observed-at']))).toBeGreaterThan(15_000);
      }
    });
    expect(await clockwork.cluster(NAME)).toMatchObject({ stale: true });
    await expectBothAsTheyWere();
    expect(await clockwork.updateDict(running, { of: 'the running one' }, one.aliceKey)).toMatchObject({ status: 200 });
  });

  it('is back: it is read again, and nothing has ended', async () => {
    const { slurm, clockwork } = one;
    await slurm.startController();
    await clockwork.untilReadAnew(NAME, HEALING_MS);
    expect(await clockwork.cluster(NAME)).toMatchObject({ stale: false, failures: [] });
    expect((await clockwork.answer('/jobs/list')).headers).not.toHaveProperty('clockwork-stale');
    await expectBothAsTheyWere();
  });

  it('that gives its ids anew: a new job has a dict of its own, the old one is kept with its', async () => {
    const { slurm, clockwork, aliceKey } = one;
    const before = await clockwork.job(running);
    await slurm.wipeController();
    expect(await submitGated(slurm, { name: 'anew' })).toBe(running);
    const job = await clockwork.untilJob(running, 'to be the new one', { ...RUNNING, slurm: { name: 'anew' } });
    expect(job.user).toEqual({});
    expect(job.cw['attempts']).toEqual([]);
    expect(await clockwork.archived(running)).toMatchObject([
      { slurm: { submit_time: before.slurm['submit_time'], name: before.slurm['name'] }, user: before.user },
    ]);
    expect(await clockwork.updateDict(running, { of: 'the new one' }, aliceKey)).toMatchObject({
      status: 200,
      body: { of: 'the new one' },
    });
    // What waited was forgotten with the rest. Accounting knows what that means.
    await clockwork.untilJob(held, 'to be known to have ended', {
      slurm: { job_state: 'CANCELLED' },
      cw: { phase: 'finished', outcome: 'cancelled' },
      user: { of: 'the held one' },
    });
  });
});

async function accountingIsDown(): Promise<void> {
  const { slurm, clockwork, aliceKey } = other;
  await clockwork.start(described(slurm));
  const id = await submitGated(slurm);
  // Without it a reading would have no job at all, and such a one ends nothing.
  await submitGated(slurm, { args: ['--hold'] });
  await clockwork.untilJob(id, 'to run', RUNNING);
  await clockwork.updateDict(id, { loss: 1.5 }, aliceKey);

  await clockwork.stop();
  await endGated(slurm, id, { exitCode: 6 });
  const unseen = await slurm.submit({ script: 'exit 7' });
  await untilForgotten(slurm, id, unseen);
  await slurm.stopDatabase();
  await clockwork.start();

  const stale = await clockwork.untilJob(id, 'to be stale', { ...RUNNING, cw: { phase: 'running', stale: true } });
  expect(stale.user).toEqual({ loss: 1.5 });
  await until('clusters/list to show that accounting fails, and nothing else', async () => {
    const report = await clockwork.cluster(NAME);
    expect(report).toMatchObject({ stale: false, waiting: 1 });
    expect(report.failures).toMatchObject([{ what: 'accounting', kind: 'unreachable' }]);
  });
  const meanwhile = await slurm.submit();
  await clockwork.untilJob(meanwhile, 'to have completed', { cw: { outcome: 'completed' } });
  expect(await clockwork.job(id)).toEqual(stale);
  expect(await clockwork.job(unseen)).toEqual({});

  await slurm.startDatabase();
  const healed = await clockwork.untilJob(
    id,
    'to be told of by accounting',
    { slurm: { job_state: 'FAILED' }, cw: { phase: 'finished', outcome: 'failed' }, user: { loss: 1.5 } },
    HEALING_MS,
  );
  expect(healed.cw).not.toHaveProperty('stale');
  if (TELLS_EXIT_CODES) expect(healed.slurm).toMatchObject({ exit_code: '6:0' });
  expect(Date.parse(String(healed.slurm['end_time']))).toBeLessThan(Date.now());
  await clockwork.untilJob(unseen, 'that came and went while nobody read to be found', {
    cw: { phase: 'finished', outcome: 'failed' },
  });
  await until('clusters/list to be content', async () => {
    expect(await clockwork.cluster(NAME)).toMatchObject({ failures: [], waiting: 0 });
  });
}

it('accounting is down while jobs end and are forgotten: they are stale, until it is back', () =>
  whileAccountingIsDown);
