import { type Db, MongoClient } from 'mongodb';
import { type ClockworkService, newDatabase, runCli, startService } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { eventually } from '../support/eventually.js';
import { jsonLines } from '../support/json-lines.js';
import { samplesOf, scrape } from '../support/metrics.js';
import { daysAgo, endedJob } from '../support/old-jobs.js';

const DAY_MS = 86_400_000;
const WITHIN_MS = 30_000;

let file: ClustersFile;
let service: ClockworkService;
let client: MongoClient;
let database: Db;

beforeAll(async () => {
  // No cluster that anybody can read; that others go on is part of it.
  file = await ClustersFile.of([
    '  - name: lost\n    account_kind: mila\n    time_zone: UTC\n    file:\n      directory: /nowhere\n',
  ]);
  const uri = newDatabase();
  const jobs = [endedJob('1', { ended: daysAgo(20) }), endedJob('2', { ended: daysAgo(5) }), endedJob('3')];
  await runCli({ ...process.env, MONGODB_URI: uri }, ['import', '-'], JSON.stringify({ jobs }));
  service = await startService({
    MONGODB_URI: uri,
    CLOCKWORK_CLUSTERS: file.path,
    CLOCKWORK_ARCHIVE_AFTER: '10d',
    CLOCKWORK_ARCHIVE_KEEP: '100d',
  });
  client = await MongoClient.connect(uri);
  database = client.db();
}, 60_000);

afterAll(async () => {
  await service.stop();
  await client.close();
  await file.remove();
});

async function idsIn(collection: string): Promise<unknown[]> {
  const found = await database.collection(collection).find().sort({ 'slurm.job_id': 1 }).toArray();
  return found.map((job) => (job['slurm'] as { job_id: string }).job_id);
}

describe('with CLOCKWORK_ARCHIVE_AFTER and CLOCKWORK_ARCHIVE_KEEP, the collector', () => {
  it(
    'archives and deletes by itself, and says so in the audit log and in metrics',
    async () => {
      await eventually(async () => {
        const entries = jsonLines((await service.cli(['audit', '--what', 'data.archive'])).stdout);
        expect(entries).toMatchObject([
          { from: 'collector', after: { state: 'done', archived: 2, deleted: 1 } },
          { from: 'collector', after: { state: 'begun' } },
        ]);
      }, WITHIN_MS);
      expect([await idsIn('jobs'), await idsIn('jobs_cold')]).toEqual([['2'], ['1']]);
      const key = await service.keyOf('root@example.org', ['--admin']);
      await eventually(async () => {
        const text = await scrape(service.url, key);
        expect(samplesOf(text, 'clockwork_jobs_archived')).toEqual([{ labels: {}, value: 1 }]);
        const [ended] = samplesOf(text, 'clockwork_archive_last_run_timestamp_seconds');
        expect(Math.abs((ended?.value ?? 0) - Date.now() / 1000)).toBeLessThan(60);
      }, WITHIN_MS);
    },
    2 * WITHIN_MS,
  );

  it(
    'does so once a day',
    async () => {
      const [turn] = await database
        .collection('maintenance')
        .find({ _id: 'archive' as never })
        .toArray();
      const next = (turn?.['next'] as Date).getTime() - Date.now();
      expect(next).toBeGreaterThan(DAY_MS - 120_000);
      expect(next).toBeLessThanOrEqual(DAY_MS);
    },
    WITHIN_MS,
  );
});
