import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord } from '../support/job-records.js';
import { watchProcess } from '../support/process-output.js';
import { SEED_VARIABLE, SHORT_VARIABLE } from './campaign.js';
import { schemathesis } from './support/schemathesis.js';

const SETTINGS = fileURLToPath(new URL('./schemathesis.toml', import.meta.url));
const short = process.env[SHORT_VARIABLE] !== undefined;
const seed = Number(process.env[SEED_VARIABLE] ?? 1);
/** Over all callers. */
const REQUESTS = short ? 600 : 10_000;
/** Of each operation and each run; what comes of it differs from operation to operation. */
const EXAMPLES = short ? 6 : 150;
const MOST_RUNS = 20;
const LIMIT_MS = 45 * 60_000;

let service: ClockworkService;
let directory: string;
const keys: Record<string, string | null> = { 'no key': null };

beforeAll(async () => {
  service = await startService({ LOG_LEVEL: 'warn' });
  keys['a user'] = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  keys['an admin'] = await service.keyOf('root@example.org', ['--admin']);
  // The examples of the document: a job of that id on two clusters, which is one too many for jobs/one, and one of that owner.
  const slurm = { job_id: '233874', mila_cluster_username: 'ada' };
  await service.load({
    jobs: ['mila', 'other'].map((cluster_name) => jobRecord({ slurm: { ...slurm, cluster_name } })),
    nodes: ['mila', 'other'].map((cluster_name) => ({
      slurm: { cluster_name, name: 'cn-a002', gres: 'gpu:rtx8000:2' },
    })),
  });
  directory = await mkdtemp(join(tmpdir(), 'clockwork-schemathesis-'));
}, 120_000);

afterAll(async () => {
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});

/** @returns what it printed, its exit code, and how many requests it made up */
async function runOnce(program: string, key: string | null, round: number) {
  const caller = key === null ? [] : ['--header', `Authorization: Bearer ${key}`];
  // All checks are made that the settings do not exclude; naming them here would win over the settings.
  const options = [
    '--warnings',
    'off',
    '--max-examples',
    String(EXAMPLES),
    '--seed',
    String(seed + round),
    // With more, Python 3.11's parser is used by two threads at once, and ends the run now and then.
    '--workers',
    '1',
  ];
  const watched = watchProcess(
    program,
    [
      '--config-file',
      SETTINGS,
      'run',
      `${service.url}/openapi.json`,
      ...caller,
      ...options,
      '--continue-on-failure',
      '--no-color',
    ],
    // It keeps a directory of examples where it is run.
    { cwd: directory, env: { ...process.env, NO_COLOR: '1' } },
  );
  const { code } = await watched.ended;
  const text = watched.stdout() + watched.stderr();
  return { code, text, requests: Number(/(\d+) generated/.exec(text)?.[1] ?? 0) };
}

describe('requests made up from the OpenAPI document', () => {
  it(
    'are answered as it says, with the key of a user, of an admin, and without one',
    async () => {
      const found = await schemathesis();
      if ('missing' in found) {
        process.stderr.write(`skipped: ${found.missing}\n`);
        return;
      }
      let requests = 0;
      for (let round = 0; requests < REQUESTS && round < MOST_RUNS; round += 1) {
        for (const [who, key] of Object.entries(keys)) {
          const run = await runOnce(found.program, key, round);
          process.stderr.write(`${who}, seed ${seed + round}: ${run.requests} requests\n`);
          if (run.code !== 0) throw new Error(`schemathesis as ${who} exited with ${String(run.code)}:\n${run.text}`);
          requests += run.requests;
        }
      }
      expect(requests).toBeGreaterThanOrEqual(REQUESTS);
    },
    LIMIT_MS,
  );

  it('leave nothing in the log that nobody foresaw, and a service that answers', async () => {
    expect(service.process.stderr()).not.toMatch(/"level":"?(?:error|fatal|50|60)/);
    expect((await service.request('/health/ready')).status).toBe(200);
  });
});
