import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { CLI, newDatabase } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { eventually } from '../support/eventually.js';
import { watchProcess, type WatchedProcess } from '../support/process-output.js';
import { processTable } from '../support/process-table.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';

const INTERVAL_MS = 5_000;
/** What is waited for may take so much longer where the machine is busy. */
const BUSY_MS = 10_000;
const NAMES = ['one', 'two'] as const;

const slurms: ScriptedSlurm[] = [];
const collectors: WatchedProcess[] = [];
let clusters: ClustersFile;
let database: MongoClient;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  for (const name of NAMES) {
    const slurm = await ScriptedSlurm.create();
    await slurm.show([{ id: 1, state: 'PENDING', name }]);
    slurms.push(slurm);
  }
  clusters = await ClustersFile.of(NAMES.map((name, at) => slurmAt(at).yaml(name, { time_limit: '60s' })));
  const uri = newDatabase();
  environment = { ...process.env, MONGODB_URI: uri, CLOCKWORK_CLUSTERS: clusters.path, LOG_FORMAT: 'json' };
  database = await MongoClient.connect(uri);
  collectors.push(startCollector());
  await eventually(async () => {
    expect(await holders()).toHaveLength(NAMES.length);
  }, 20_000);
  collectors.push(startCollector());
  await eventually(() => {
    expect(collectorAt(1).stderr()).toContain('Reading one, two.');
    return Promise.resolve();
  }, 20_000);
}, 60_000);

afterAll(async () => {
  for (const { child } of collectors) child.kill('SIGKILL');
  await database.close();
  await clusters.remove();
  await Promise.all(slurms.map((slurm) => slurm.remove()));
});

function startCollector(): WatchedProcess {
  return watchProcess(process.execPath, [CLI, 'collect'], { env: environment });
}

function slurmAt(index: number): ScriptedSlurm {
  const slurm = slurms[index];
  if (slurm === undefined) throw new Error(`there is no cluster ${index}`);
  return slurm;
}

function collectorAt(index: number): WatchedProcess {
  const collector = collectors[index];
  if (collector === undefined) throw new Error(`there is no collector ${index}`);
  return collector;
}

/** The processes that hold a lease, one for each cluster that is read. */
async function holders(): Promise<number[]> {
  const leases = await database.db().collection('leases').find<{ holder: string }>({}).toArray();
  return leases.map(({ holder }) => Number(holder.split(' ')[1]));
}

/** Resolves when a cluster is asked the next time. */
async function readAgain(slurm: ScriptedSlurm, withinMs: number): Promise<void> {
  const before = (await slurm.calls('squeue')).length;
  await eventually(async () => {
    expect((await slurm.calls('squeue')).length).toBeGreaterThan(before);
  }, withinMs);
}

async function nameOfJob(cluster: string): Promise<unknown> {
  const job = await database.db().collection('jobs').findOne({ 'slurm.cluster_name': cluster, 'slurm.job_id': '1' });
  return (job?.['slurm'] as { name?: unknown } | undefined)?.name;
}

describe('two collectors on one database', () => {
  it('read each cluster once', async () => {
    const before = await Promise.all(slurms.map((slurm) => slurm.calls('squeue')));
    await sleep(2 * INTERVAL_MS);
    const after = await Promise.all(slurms.map((slurm) => slurm.calls('squeue')));
    after.forEach((calls, index) => {
      const times = calls.slice(before[index]?.length).map(({ at }) => at);
      expect(times.length).toBeGreaterThanOrEqual(1);
      expect(times.length).toBeLessThanOrEqual(3);
      times.slice(1).forEach((at, each) => {
        expect(at - (times[each] ?? 0)).toBeGreaterThan(INTERVAL_MS / 2);
      });
    });
    const pid = collectorAt(0).child.pid;
    expect(await holders()).toEqual([pid, pid]);
  }, 60_000);

  it('one that was stopped in the middle of a reading, and goes on when another has taken over, writes nothing old', async () => {
    const [slurm] = slurms;
    if (slurm === undefined) throw new Error('there are no clusters');
    await slurm.show([{ id: 1, state: 'RUNNING', name: 'old' }]);
    // All is said but for the end.
    await slurm.behave('squeue', 'head -c -2 jobs.json; touch told; sleep 4; echo "]}"');
    const stopped = collectorAt(0);
    await readAgain(slurm, 2 * INTERVAL_MS + BUSY_MS);
    await sleep(500);
    stopped.child.kill('SIGSTOP');
    try {
      await slurm.show([{ id: 1, state: 'RUNNING', name: 'new' }]);
      await slurm.behave('squeue');
      await eventually(
        async () => {
          expect(await holders()).not.toContain(stopped.child.pid);
          expect(await nameOfJob('one')).toBe('new');
        },
        2 * INTERVAL_MS + BUSY_MS,
      );
    } finally {
      stopped.child.kill('SIGCONT');
    }
    const names = new Set<unknown>();
    for (const end = performance.now() + 3_000; performance.now() < end;) {
      names.add(await nameOfJob('one'));
      await sleep(20);
    }
    expect([...names]).toEqual(['new']);
    expect(stopped.stderr()).toContain('LeaseLost');
    expect(await holders()).toEqual([collectorAt(1).child.pid, collectorAt(1).child.pid]);
  }, 60_000);

  it('one takes over within two intervals where the other was killed', async () => {
    collectorAt(1).child.kill('SIGKILL');
    await Promise.all(slurms.map((slurm) => readAgain(slurm, 2 * INTERVAL_MS + BUSY_MS)));
    const pid = collectorAt(0).child.pid;
    expect(await holders()).toEqual([pid, pid]);
  }, 60_000);

  it('one that is told to stop ends at once, gives back what it held, and leaves nothing behind', async () => {
    for (const slurm of slurms) await slurm.behave('squeue', 'exec sleep 300');
    await Promise.all(slurms.map((slurm) => readAgain(slurm, 2 * INTERVAL_MS + BUSY_MS)));
    const asked = performance.now();
    collectorAt(0).child.kill('SIGINT');
    expect(await collectorAt(0).ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(BUSY_MS);
    expect(await holders()).toEqual([]);
    const directories = slurms.map(({ directory }) => directory);
    const left = (await processTable()).filter(({ workingDirectory }) => directories.includes(workingDirectory));
    expect(left).toEqual([]);
  }, 60_000);
});
