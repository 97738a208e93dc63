import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoClient } from 'mongodb';
import { commandActor } from '#libs/audit';
import { JobArchiver } from '#libs/jobs';
import { exchange } from '../support/api-client.js';
import { CLI, type ClockworkService, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { eventually } from '../support/eventually.js';
import { openImports, type OpenImports } from '../support/import-in-process.js';
import { jsonLines } from '../support/json-lines.js';
import { endedJob } from '../support/old-jobs.js';
import { watchProcess } from '../support/process-output.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

const LONG_AGO = '2020-05-02T10:00:00-04:00';
const OPTIONS = ['--older-than', '365d', '--cluster'];
const PATIENCE_MS = 180_000;

let service: ClockworkService;
let imports: OpenImports;
let archiving: OpenServices;
let client: MongoClient;
let database: Db;
let key: string;

beforeAll(async () => {
  service = await startService();
  imports = await openImports(service.environment);
  archiving = await openServices(service.environment);
  client = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  database = client.db();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
});

afterAll(async () => {
  await imports.close();
  await archiving.close();
  await client.close();
  await service.stop();
});

const oldJob = (cluster_name: string, jobId: string, comment: string) =>
  endedJob(jobId, { cluster_name, ended: LONG_AGO, comment });

interface StoredJob {
  slurm: { job_id: string; comment: string };
  user: Record<string, unknown>;
}

/** All of a cluster's jobs, wherever they are; each is in one place, or this fails. */
async function everyJob(cluster: string): Promise<Map<string, StoredJob>> {
  const filter = { 'slurm.cluster_name': cluster };
  const found = await Promise.all(
    ['jobs', 'jobs_cold'].map((name) => database.collection(name).find(filter).toArray()),
  );
  const all = found.flat() as unknown as StoredJob[];
  const byId = new Map(all.map((job) => [job.slurm.job_id, job]));
  expect(all).toHaveLength(byId.size);
  return byId;
}

describe('an archive run', () => {
  it(
    'that is killed at any moment loses and doubles nothing, and the next one goes on',
    async () => {
      const jobs = 1_500;
      const clusters = [0, 2, 5, 10, 20, 40].map((waitMs) => ({ waitMs, cluster: `killed-${waitMs}` }));
      const ids = Array.from({ length: jobs }, (_, at) => String(at));
      for (const { cluster } of clusters) {
        await imports.load({ jobs: ids.map((id) => oldJob(cluster, id, 'x'.repeat(1_000))) });
      }
      const cold = database.collection('jobs_cold');
      let left = 0;
      for (const { waitMs, cluster } of clusters) {
        const archivedNow = () => cold.countDocuments({ 'slurm.cluster_name': cluster });
        const run = watchProcess(process.execPath, [CLI, 'archive', ...OPTIONS, cluster], { env: service.environment });
        while ((await archivedNow()) === 0 && run.child.exitCode === null) await sleep(1);
        await sleep(waitMs);
        run.child.kill('SIGKILL');
        await run.ended;
        // The next one need not wait until it has expired.
        await database.collection('maintenance').deleteMany({});
        expect((await everyJob(cluster)).size).toBe(jobs);
        left += jobs - (await archivedNow());
      }
      expect(left).toBeGreaterThan(0);
      const last = await service.cli(['archive', '--older-than', '365d']);
      const { code, stderr } = last;
      expect({ code, stderr, counts: jsonLines(last.stdout) }).toMatchObject({ code: 0, counts: [{ archived: left }] });
      for (const { cluster } of clusters) expect((await everyJob(cluster)).size).toBe(jobs);
      expect(await cold.countDocuments({ 'slurm.cluster_name': /^killed/ })).toBe(jobs * clusters.length);
    },
    PATIENCE_MS,
  );

  it(
    'waits for jobs that another process holds in a transaction, as one that was killed does for a minute',
    async () => {
      await imports.load({ jobs: [oldJob('held', '1', '0')] });
      const filter = { 'slurm.cluster_name': 'held' };
      const update = (pair: string) => {
        const json = { job_id: '1', cluster_name: 'held', update_pairs: { [pair]: 1 } };
        return exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
      };
      const holder = client.startSession();
      const told: string[] = [];
      try {
        holder.startTransaction();
        await database.collection('jobs').deleteOne(filter, { session: holder });
        const terms = { endedBefore: new Date(), deletedBefore: null, cluster: 'held' };
        const manners = {
          actor: commandActor(),
          report: (message: string) => told.push(message),
          share: 1,
          signal: new AbortController().signal,
        };
        const run = archiving.services.get(JobArchiver).run(terms, manners);
        await eventually(() => {
          expect(told).toEqual([expect.stringMatching(/^Waiting for jobs that another process holds/)]);
          return Promise.resolve();
        }, 20_000);
        expect((await update('early')).status).toBe(503);
        await holder.abortTransaction();
        expect(await run).toEqual({ archived: 1, deleted: 0 });
      } finally {
        await holder.endSession();
      }
      expect((await update('late')).status).toBe(200);
      const [[, job] = []] = [...(await everyJob('held'))];
      expect(job?.user).toMatchObject({ late: 1 });
    },
    PATIENCE_MS,
  );

  it(
    'loses no update of a dict and no record that comes meanwhile, however often jobs go there and back',
    async () => {
      const ids = Array.from({ length: 60 }, (_, at) => String(100_000 + at));
      await imports.load({ jobs: ids.map((id) => oldJob('raced', id, '0')) });
      const racing = new AbortController();
      const { signal } = racing;
      const whileRacing = async (turn: (count: number) => Promise<void>): Promise<number> => {
        let turns = 0;
        for (; !signal.aborted; turns += 1) await turn(turns);
        return turns;
      };
      const pick = (turn: number, step: number) => ids[(turn * step) % ids.length] ?? '0';
      const acknowledged = new Map(ids.map((id) => [id, new Set<string>()]));
      const updating = (name: string, step: number) =>
        whileRacing(async (turn) => {
          const job_id = pick(turn, step);
          const json = { job_id, cluster_name: 'raced', update_pairs: { [`${name}${turn}`]: turn } };
          const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
          if (answer.status !== 200) throw new Error(answer.text);
          acknowledged.get(job_id)?.add(`${name}${turn}`);
        });
      const reading = whileRacing(async (turn) => {
        const query = `job_id=${pick(turn, 11)}${turn % 2 === 0 ? '&cluster_name=raced' : ''}`;
        const answer = await exchange(service.url, `${BASE}/jobs/one?${query}`, { key });
        if (answer.status !== 200 || answer.text === '{}') throw new Error(`${query}: ${answer.text}`);
      });
      const comments = new Map<string, string>();
      const importing = whileRacing(async (turn) => {
        const id = pick(turn, 7);
        await imports.load({ jobs: [oldJob('raced', id, String(turn + 1))] });
        comments.set(id, String(turn + 1));
      });
      let archived = 0;
      const archivingAll = whileRacing(async () => {
        await database.collection('jobs').updateMany({}, { $unset: { 'source.returned': 1 } });
        const terms = { endedBefore: new Date(), deletedBefore: null, cluster: 'raced' };
        const manners = { actor: commandActor(), report: () => undefined, share: 1, signal };
        archived += (await archiving.services.get(JobArchiver).run(terms, manners)).archived;
      });
      const all = Promise.all([
        updating('a', 1),
        updating('b', 13),
        updating('c', 17),
        reading,
        importing,
        archivingAll,
      ]);
      // Until all have come back, and half of them have gone there a second time at least.
      const goneThere = eventually(async () => {
        expect(comments.size).toBe(ids.length);
        expect(archived).toBeGreaterThan(1.5 * ids.length);
        return Promise.resolve();
      }, 60_000);
      await Promise.race([all, goneThere]);
      racing.abort();
      await all;

      const stored = await everyJob('raced');
      expect([...stored.keys()].sort()).toEqual([...ids].sort());
      for (const [id, { slurm, user }] of stored) {
        expect(slurm.comment).toBe(comments.get(id) ?? '0');
        expect(new Set(Object.keys(user))).toEqual(acknowledged.get(id));
      }
    },
    PATIENCE_MS,
  );
});
