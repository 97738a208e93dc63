import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import { samplesOf, scrape, valueOf } from '../support/metrics.js';

/** A scrape of Prometheus ends after ten seconds, unless it is told otherwise. */
const SCRAPE_TIMEOUT_MS = 10_000;

let scratch: string;
let dataDir: string;
let service: ClockworkService;
let keys: string[];

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-metrics-')));
  dataDir = join(scratch, 'data');
  service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
  const admin = await service.keyOf('root@example.org', ['--admin']);
  const { stdout } = await service.cli(['keys', 'create', 'root@example.org', '--scope', 'metrics']);
  keys = [admin, stdout.trim()];
  await service.load({ jobs: [{ slurm: { cluster_name: 'mila', job_id: '1', job_state: 'RUNNING' } }] });
}, 120_000);

afterAll(async () => {
  await service.stop();
  await nothingRunsOn(dataDir, 30_000);
  await rm(scratch, { recursive: true, force: true });
});

test('while the database hangs, a scrape is answered in time, without what it holds; afterwards all is there again', async () => {
  for (const key of keys) {
    const before = await scrape(service.url, key);
    expect(valueOf(before, 'clockwork_database_up')).toBe(1);
    expect(samplesOf(before, 'clockwork_jobs')).toHaveLength(1);
  }
  const mongod = await mongodOn(dataDir);
  process.kill(mongod, 'SIGSTOP');
  try {
    for (const key of keys) {
      const asked = performance.now();
      const during = await scrape(service.url, key);
      expect(performance.now() - asked).toBeLessThan(SCRAPE_TIMEOUT_MS);
      expect(valueOf(during, 'clockwork_database_up')).toBe(0);
      expect(valueOf(during, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    }
    // What the database held last is shown for a while at most; where asking for it has failed, no more.
    await eventually(async () => {
      const during = await scrape(service.url, keys[1] ?? '');
      expect(samplesOf(during, 'clockwork_jobs')).toEqual([]);
      expect(valueOf(during, 'clockwork_figures_failures_total', { source: 'jobs' })).toBeGreaterThan(0);
    }, 60_000);
    // Nobody else is let in who could not be looked up.
    expect(await service.request('/metrics', { key: `${String(keys[0])}x` })).toMatchObject({ status: 503 });
  } finally {
    process.kill(mongod, 'SIGCONT');
  }
  await eventually(async () => {
    const after = await scrape(service.url, keys[1] ?? '');
    expect(valueOf(after, 'clockwork_database_up')).toBe(1);
    expect(samplesOf(after, 'clockwork_jobs')).toHaveLength(1);
  }, 30_000);
}, 150_000);
