import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import type { PublicJob } from '../support/job-records.js';
import { collectorOf } from '../support/process-table.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';

const INTERVAL_MS = 5_000;
const LATE_MS = 3_000;
/** What is waited for may take so much longer where the machine is busy. */
const BUSY_MS = 10_000;
const JOBS = 300;

let dataDir: string;
let slurm: ScriptedSlurm;
let clusters: ClustersFile;
let service: ClockworkService;
let key: string;

beforeAll(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-collect-')));
  slurm = await ScriptedSlurm.create();
  await show('first');
  clusters = await ClustersFile.of([slurm.yaml('mila')]);
  service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir, CLOCKWORK_CLUSTERS: clusters.path });
  key = await service.keyOf('alice@example.org', ['--cluster-username', 'alice', '--admin']);
}, 60_000);

afterAll(async () => {
  await service.stop();
  await nothingRunsOn(dataDir, 30_000);
  await Promise.all([rm(dataDir, { recursive: true, force: true }), clusters.remove(), slurm.remove()]);
});

async function show(name: string): Promise<void> {
  await slurm.show(Array.from({ length: JOBS }, (_, at) => ({ id: at + 1, name })));
}

async function namesOfJobs(): Promise<Map<unknown, number>> {
  const { status, body } = await service.request('/jobs/list', { key });
  expect(status).toBe(200);
  const names = (body as PublicJob[]).map(({ slurm: { name } }) => name);
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** Every job is as Slurm last showed it, and nobody need do anything for that. */
async function isRead(name: string, withinMs: number): Promise<void> {
  await eventually(async () => {
    expect([...(await namesOfJobs())]).toEqual([[name, JOBS]]);
  }, withinMs);
}

async function failures(): Promise<unknown> {
  const { body } = await service.request('/clusters/list', { key });
  return (body as { failures: unknown }[]).map((cluster) => cluster.failures);
}

describe('a collector whose database', () => {
  it('is killed again and again reads on by itself, and loses nothing', async () => {
    await isRead('first', 20_000);
    const { pid } = await collectorOf(Number(service.process.child.pid));
    const update = { job_id: '7', update_pairs: { kept: true } };
    expect((await service.request('/jobs/user_dict_update', { method: 'PUT', key, json: update })).status).toBe(200);
    await show('second');
    for (const end = performance.now() + 2 * INTERVAL_MS; performance.now() < end;) {
      process.kill(await eventually(() => mongodOn(dataDir)), 'SIGKILL');
      await sleep(Math.random() * 2_500);
    }
    await isRead('second', 2 * INTERVAL_MS + BUSY_MS);
    await eventually(async () => {
      expect(await failures()).toEqual([[]]);
    }, INTERVAL_MS + BUSY_MS);
    const seventh = (await service.request('/jobs/one?job_id=7', { key })).body as PublicJob;
    expect(seventh.user).toEqual({ kept: true });
    // It is the same process: nothing of this was an end of it.
    expect((await collectorOf(Number(service.process.child.pid))).pid).toBe(pid);
  }, 90_000);

  it('hangs for a while, lets Slurm be meanwhile, and reads on', async () => {
    const mongod = await mongodOn(dataDir);
    process.kill(mongod, 'SIGSTOP');
    try {
      await show('third');
      // Until nobody can hold a lease any more.
      await sleep(INTERVAL_MS + LATE_MS);
      const before = (await slurm.calls('squeue')).length;
      await sleep(INTERVAL_MS + LATE_MS);
      expect((await slurm.calls('squeue')).length).toBe(before);
    } finally {
      process.kill(mongod, 'SIGCONT');
    }
    await isRead('third', 2 * INTERVAL_MS + BUSY_MS);
    await eventually(async () => {
      expect(await failures()).toEqual([[]]);
    }, INTERVAL_MS + BUSY_MS);
  }, 60_000);
});
