import { type Document, MongoClient } from 'mongodb';
import type { ClusterConfiguration } from '#libs/clusters';
import type { CycleReport } from '../../apps/collector/cluster-cycle.js';
import { exchange } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { type CycledCluster, cycledCluster } from '../support/cycles-in-process.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import type { PublicJob } from '../support/job-records.js';
import { type ScriptedJob, ScriptedSlurm } from '../support/scripted-slurm.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

const HOUR_MS = 3_600_000;
/** What 22.05 says, with status 0, where slurmctld does not answer. */
const ERRORS = JSON.stringify({
  meta: { Slurm: { version: { major: 22, minor: 5, micro: 8 } } },
  errors: [{ description: 'Failed while looking for jobs', error: 'Unspecified error', error_number: -1 }],
  jobs: [],
});

let service: ClockworkService;
let collector: OpenServices;
let database: MongoClient;
let key: string;
let adminKey: string;
const slurms: ScriptedSlurm[] = [];

beforeAll(async () => {
  service = await startService();
  collector = await openServices(service.environment);
  database = await MongoClient.connect(String(service.environment['MONGODB_URI']));
  key = await service.keyOf('alice@example.org', ['--cluster-username', 'alice']);
  adminKey = await service.keyOf('root@example.org', ['--admin']);
});

afterAll(async () => {
  await database.close();
  await collector.close();
  await service.stop();
  await Promise.all(slurms.map((slurm) => slurm.remove()));
});

async function cluster(
  name: string,
  changes: Partial<ClusterConfiguration> = {},
): Promise<CycledCluster & { slurm: ScriptedSlurm }> {
  const slurm = await ScriptedSlurm.create();
  slurms.push(slurm);
  return { slurm, ...(await cycledCluster(collector, name, slurm, changes)) };
}

/** The jobs of a cluster as the API gives them, by id. */
async function jobsOf(name: string): Promise<Map<string, PublicJob>> {
  const answer = await service.request(`/jobs/list?cluster_name=${name}`, { key });
  expect(answer.status).toBe(200);
  return new Map((answer.body as PublicJob[]).map((job) => [job.slurm.job_id, job]));
}

async function job(name: string, id: number): Promise<PublicJob> {
  const found = (await jobsOf(name)).get(String(id));
  if (found === undefined) throw new Error(`there is no job ${id} on ${name}`);
  return found;
}

interface Listed {
  jobs: { records: number; skipped: number; observed_at: string } | null;
  failures: { what: string; kind: string; message: string; consecutive: number }[];
}

async function listed(name: string): Promise<Listed> {
  const { body } = await service.request(`/clusters/list?cluster_name=${name}`, { key: adminKey });
  const [found] = body as Listed[];
  if (found === undefined) throw new Error(`${name} is not listed`);
  return found;
}

/** What is stored, with all that is not shown. */
function stored(name: string, collection = 'jobs'): Promise<Document[]> {
  return database.db().collection(collection).find({ 'slurm.cluster_name': name }).sort({ _id: 1 }).toArray();
}

const range = (count: number): ScriptedJob[] => Array.from({ length: count }, (_, at) => ({ id: at + 1 }));

describe('a cycle', () => {
  it('follows jobs that come, change and go, and asks accounting for those that are gone and no others', async () => {
    const { slurm, cycle, name } = await cluster('follows');
    await slurm.show([{ id: 1, state: 'PENDING' }, { id: 2 }, { id: 3 }]);
    expect(await cycle()).toMatchObject({
      jobs: { read: 3, added: 3, vanished: 0 },
      nodes: { added: 6 },
      failures: [],
    });
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'pending', outcome: null });

    await slurm.show([{ id: 1 }, { id: 2 }, { id: 4 }]);
    await slurm.end({ id: 3, state: 'FAILED' });
    await slurm.end({ id: 2, state: 'FAILED' });
    expect(await cycle()).toMatchObject({ jobs: { read: 3, added: 1, changed: 1, vanished: 1 }, waiting: 0 });
    expect(await slurm.askedFor()).toEqual([['3']]);
    const jobs = await jobsOf(name);
    expect([...jobs].map(([id, { cw }]) => [id, cw.phase, cw.outcome, cw['stale'] ?? false])).toEqual([
      ['1', 'running', null, false],
      ['2', 'running', null, false],
      ['3', 'finished', 'failed', false],
      ['4', 'running', null, false],
    ]);
  });

  it('asks after what accounting does not know yet, less and less often', async () => {
    const { slurm, cycle, name } = await cluster('late', { intervalMs: 300 });
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 2 }]);
    expect(await cycle()).toMatchObject({ jobs: { vanished: 1 }, waiting: 1 });
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'running', outcome: null, stale: true });
    expect(await slurm.askedFor()).toEqual([['1']]);

    let times: number[] = [];
    // An sacct that is slow, as all is on a busy machine, is asked less often.
    for (const end = performance.now() + 50_000; times.length < 5 && performance.now() < end;) {
      await cycle();
      times = (await slurm.calls('sacct')).map(({ at }) => at);
    }
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps).toHaveLength(4);
    // After half an interval at the least, then one and a half, three and a half …
    gaps.forEach((gap, index) => {
      expect(gap).toBeGreaterThanOrEqual(300 * 2 ** index - 150 - 50);
    });
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'running', stale: true });
  }, 60_000);

  it('gives up what accounting does not know, and still takes its end later', async () => {
    const { slurm, cycle, states, name } = await cluster('later', { unknownAfterMs: 3_000 });
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 2 }]);
    expect(await cycle()).toMatchObject({ waiting: 1 });
    await eventually(async () => {
      expect(await cycle()).toMatchObject({ waiting: 0 });
    }, 30_000);
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'unknown', outcome: null });

    // It is not asked for any more, but accounting is gone through now and then.
    await slurm.sweep([{ id: 1, state: 'TIMEOUT' }]);
    await states.setSweep(name, { until: Date.now() - 25 * HOUR_MS, at: Date.now() - HOUR_MS });
    await eventually(async () => {
      await cycle();
      expect((await job(name, 1)).cw).toMatchObject({ phase: 'finished', outcome: 'timeout' });
    }, 30_000);
  }, 90_000);

  it('takes back that a job was missed, where it is shown again', async () => {
    const { slurm, cycle, name } = await cluster('again');
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 2 }]);
    await cycle();
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'running', stale: true });
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    const { cw } = await job(name, 1);
    expect(cw.phase).toBe('running');
    expect(cw).not.toHaveProperty('stale');
  });
});

describe('a reading that tells nothing', () => {
  const readings: [what: string, kind: string | null, script: string][] = [
    ['no jobs at all', null, 'cat accounting-head.json; echo "]}"'],
    ['half a document', 'unreadable', 'head -c 4000 jobs.json'],
    ['whole records, and then its end is missing', 'unreadable', 'head -c -2 jobs.json'],
    ['nothing', 'unreadable', ':'],
    ['garbage', 'unreadable', 'head -c 100000 /dev/urandom'],
    [
      'an error and status 1',
      'unreachable',
      'echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1',
    ],
    ['records, and then status 1', 'failed', 'cat jobs.json; exit 1'],
    ['errors with status 0', 'unreachable', `printf %s '${ERRORS}'`],
  ];

  it.each(readings)(
    '%s: ends nothing and marks nothing, and all is well again with the next',
    async (what, kind, script) => {
      const { slurm, cycle, name } = await cluster(`nothing-${readings.findIndex(([each]) => each === what)}`);
      await slurm.show([{ id: 1 }, { id: 2, state: 'PENDING' }]);
      await cycle();
      const before = await stored(name);
      expect(before).toHaveLength(2);
      await slurm.behave('squeue', script);
      const { failures } = await cycle();
      expect(failures.map((failure) => [failure.part, failure.kind])).toEqual(kind === null ? [] : [['jobs', kind]]);
      expect((await listed(name)).failures.map((failure) => [failure.what, failure.kind])).toEqual(
        kind === null ? [] : [['jobs', kind]],
      );
      expect(await stored(name)).toEqual(before);
      // Where Slurm says that there is no job, accounting may know; it does not.
      expect((await slurm.askedFor()).flat()).toEqual(kind === null ? ['1', '2'] : []);

      await slurm.behave('squeue');
      expect(await cycle()).toMatchObject({ jobs: { vanished: 0 }, failures: [] });
      expect((await listed(name)).failures).toEqual([]);
      expect(await stored(name)).toEqual(before);
    },
  );
});

describe('a cluster that has run empty', () => {
  it('has no job that goes on: accounting tells how the last ones ended', async () => {
    const { slurm, cycle, name } = await cluster('run-empty');
    await slurm.show([{ id: 1 }]);
    await cycle();
    await slurm.show([]);
    await slurm.end({ id: 1, state: 'COMPLETED' });
    await cycle();
    const { cw } = await job(name, 1);
    expect(cw).toMatchObject({ phase: 'finished', outcome: 'completed' });
    expect(cw).not.toHaveProperty('stale');
  });
});

describe('a record that cannot be read', () => {
  const broken = (slurm: ScriptedSlurm, changes: object) =>
    JSON.stringify({ ...slurm.recordOf({ id: 2 }), ...changes });

  it('costs no other, is counted, and its job is not taken for gone', async () => {
    const { slurm, cycle, name } = await cluster('unreadable');
    await slurm.show([{ id: 1, state: 'PENDING' }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 1 }], [broken(slurm, { job_state: 7 })]);
    expect(await cycle()).toMatchObject({ jobs: { read: 1, skipped: 1, changed: 1, vanished: 0 }, failures: [] });
    expect((await listed(name)).jobs).toMatchObject({ records: 1, skipped: 1 });
    expect((await job(name, 1)).cw.phase).toBe('running');
    expect((await job(name, 2)).cw).not.toHaveProperty('stale');
    expect(await slurm.askedFor()).toEqual([]);
  });

  it('may be any job, where it does not even say which', async () => {
    const { slurm, cycle, name } = await cluster('nameless');
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 1 }], [broken(slurm, { job_id: 'two' })]);
    expect(await cycle()).toMatchObject({ jobs: { read: 1, skipped: 1, vanished: 0 } });
    expect((await job(name, 2)).cw).not.toHaveProperty('stale');
    await slurm.show([{ id: 1 }]);
    expect(await cycle()).toMatchObject({ jobs: { vanished: 1 } });
  });
});

describe('what does not change', () => {
  it('is not written: no document, no version, and the tags of lists still hold', async () => {
    const { slurm, cycle, name } = await cluster('still');
    await slurm.show(range(50));
    await cycle();
    const documents = [await stored(name), await stored(name, 'nodes')];
    const versions = await database.db().collection('versions').find().toArray();
    const lists = [`/jobs/list?cluster_name=${name}`, `/nodes/list?cluster_name=${name}`];
    const tags = await Promise.all(lists.map(async (list) => (await service.request(list, { key })).headers.etag));
    expect(tags).not.toContain(undefined);

    // In another order, as a Slurm does; and twice by a process that remembers nothing.
    await slurm.show(range(50).reverse());
    for (let times = 0; times < 3; times += 1) {
      expect(await cycle()).toMatchObject({
        jobs: { read: 50, added: 0, changed: 0 },
        nodes: { added: 0, changed: 0 },
      });
    }
    const another = await cycledCluster(collector, name, slurm);
    expect(await another.cycle()).toMatchObject({ jobs: { unchanged: 50, added: 0, changed: 0 } });
    expect([await stored(name), await stored(name, 'nodes')]).toEqual(documents);
    expect(await database.db().collection('versions').find().toArray()).toEqual(versions);
    for (const [index, list] of lists.entries()) {
      const headers = { 'If-None-Match': String(tags[index]) };
      expect((await service.request(list, { key, headers })).status).toBe(304);
    }

    await slurm.show([...range(49), { id: 50, name: 'another' }]);
    expect(await cycle()).toMatchObject({ jobs: { changed: 1 } });
    const after = await stored(name);
    expect(
      after.filter((document, at) => JSON.stringify(document) !== JSON.stringify(documents[0]?.[at])),
    ).toHaveLength(1);
  });
});

describe('what is left out', () => {
  it('is neither stored, nor asked after, nor a sign that the cluster is empty', async () => {
    const leaveOut = { partitions: ['debug'], accounts: ['staff'] };
    const { slurm, cycle, name } = await cluster('leaves-out', { leaveOut });
    const kept = { id: 1, partition: 'gpu,debug' };
    await slurm.show([kept, { id: 2, partition: 'debug' }, { id: 3, account: 'staff' }]);
    expect(await cycle()).toMatchObject({ jobs: { read: 3, added: 1 } });
    expect([...(await jobsOf(name)).keys()]).toEqual(['1']);
    await slurm.show([{ id: 2, partition: 'debug' }]);
    await slurm.end({ ...kept, state: 'COMPLETED' });
    await cycle();
    expect(await slurm.askedFor()).toEqual([['1']]);
    expect((await job(name, 1)).cw.outcome).toBe('completed');
  });
});

describe('accounting that does not answer', () => {
  it('delays no job, is asked less often, and what waits for it is told', async () => {
    const { slurm, cycle, name } = await cluster('no-slurmdbd', { intervalMs: 1_000 });
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 2 }]);
    await slurm.behave('sacct', 'echo "sacct: error: Problem talking to the database: Connection refused" >&2; exit 1');
    expect((await cycle()).failures).toMatchObject([{ part: 'accounting', kind: 'unreachable' }]);
    await slurm.show([{ id: 2 }, { id: 3 }]);
    const reports: CycleReport[] = [];
    for (const end = performance.now() + 2_500; performance.now() < end || reports.length < 5;) {
      reports.push(await cycle());
    }
    expect((await jobsOf(name)).size).toBe(3);
    expect((await slurm.askedFor()).length).toBeLessThan(4);
    // Of those too that were not asked for in this cycle.
    for (const { waiting } of reports) expect(waiting).toBe(1);
    expect((await listed(name)).failures).toMatchObject([{ what: 'accounting', kind: 'unreachable' }]);
  });

  it('since there is none is no failure; what vanished is unknown after a while', async () => {
    const { slurm, cycle, name } = await cluster('no-accounting', { unknownAfterMs: 3_000 });
    await slurm.behave('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1');
    await slurm.show([{ id: 1 }, { id: 2 }]);
    await cycle();
    await slurm.show([{ id: 2 }]);
    expect(await cycle()).toMatchObject({ failures: [] });
    expect((await job(name, 1)).cw).toMatchObject({ phase: 'running', stale: true });
    await eventually(async () => {
      expect(await cycle()).toMatchObject({ failures: [] });
      expect((await job(name, 1)).cw).toMatchObject({ phase: 'unknown', outcome: null });
    }, 20_000);
    expect((await listed(name)).failures).toEqual([]);
  });
});

describe('dicts', () => {
  it('that their owners update by HTTP while cycles run over changing jobs lose nothing and gain nothing', async () => {
    const { slurm, cycle, name } = await cluster('dicts');
    const JOBS = 20;
    const UPDATES = 400;
    const showing = (turn: number) =>
      slurm.show(
        range(JOBS)
          .filter(({ id }) => turn === 0 || (id + turn) % 6 !== 0)
          .map((each) => ({
            ...each,
            name: `turn-${turn}`,
            state: (each.id + turn) % 3 === 0 ? 'SUSPENDED' : 'RUNNING',
          })),
      );
    await showing(0);
    await cycle();
    const updating = { now: true };
    const changed: number[] = [];
    const cycling = (async () => {
      for (let turn = 1; updating.now; turn += 1) {
        await showing(turn);
        const { jobs, failures } = await cycle();
        expect(failures).toEqual([]);
        changed.push(jobs?.['changed'] ?? 0);
      }
    })();
    const expected = new Map<string, Record<string, number>>();
    const updates = Array.from({ length: UPDATES }, (_, number) => number);
    const updaters = Array.from({ length: 4 }, async () => {
      for (let number = updates.shift(); number !== undefined; number = updates.shift()) {
        const job_id = String((number % JOBS) + 1);
        const json = { job_id, cluster_name: name, update_pairs: { [`key.${number}`]: number } };
        const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
        expect(answer.status).toBe(200);
        expected.set(job_id, { ...expected.get(job_id), [`key.${number}`]: number });
      }
    });
    await Promise.all(updaters).finally(() => {
      updating.now = false;
    });
    await cycling;
    expect(changed.length).toBeGreaterThan(3);
    expect(Math.min(...changed)).toBeGreaterThan(0);
    const dicts = new Map([...(await jobsOf(name))].map(([id, { user }]) => [id, user]));
    expect(dicts).toEqual(expected);
  }, 60_000);
});
