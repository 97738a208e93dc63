import {
  type CliAnswer,
  type ClockworkService,
  CLI,
  newDatabase,
  runCli,
  startService,
} from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';
import { watchProcess } from '../support/process-output.js';

const EMAIL = 'ada@example.org';
const ROUTES = ['/jobs/list', '/nodes/list', '/gpu/list'];

let service: ClockworkService;
let key: string;

const CONTENT = {
  gpu: [{ cw_name: 'rtx', name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tflops_fp32: 16.3 }],
  nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-1', gres: 'gpu:rtx8000:8', features: null } }],
  jobs: [
    {
      slurm: {
        cluster_name: 'mila',
        job_id: '1',
        job_state: 'RUNNING',
        uid: '1000',
        mila_cluster_username: 'ada',
        submit_time: '2024-01-01T00:00:00-05:00',
        restart_count: 0,
      },
      user: { 'a.b': 1, $set: [{}], '': '\u0000\n"', seed: 1.5 },
    },
    {
      slurm: { cluster_name: 'beluga', job_id: '1', job_state: 'PENDING', name: 'é😀\u2028' },
      cw: { cc_account_username: 'ada01' },
    },
    { slurm: { cluster_name: 'mila', job_id: '2', job_state: 'TIMEOUT', end_time: '2024-01-02T00:00:00-05:00' } },
  ],
};

beforeAll(async () => {
  service = await startService();
  await service.load(CONTENT);
  // Names are filled in, one job is requeued, and a dict holds what JSON.parse would spoil.
  key = await service.keyOf(EMAIL, ['--cluster-username', 'ada', '--cc-username', 'ada01', '--admin']);
  const [first] = CONTENT.jobs;
  await service.load({
    jobs: [{ slurm: { ...first?.slurm, restart_count: 1, submit_time: '2024-01-03T00:00:00-05:00' } }],
  });
  const { status } = await service.request('/jobs/user_dict_update?job_id=1&cluster_name=mila', {
    method: 'PUT',
    key,
    headers: { 'Content-Type': 'application/json' },
    body: '{"update_pairs": {"hash": 18446744073709551615, "one": 1.0, "zero": -0.0}}',
  });
  expect(status).toBe(200);
});

afterAll(() => service.stop());

async function exported(...parts: string[]): Promise<CliAnswer> {
  const answer = await service.cli(['export', ...parts]);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  return answer;
}

describe('export', () => {
  it('prints all parts, one record a line, users and GPUs before what is worked out from them; never a key', async () => {
    const { stdout } = await exported();
    expect(jsonLines(stdout).map((record) => Object.keys(record).join())).toEqual([
      'users',
      'gpu',
      'nodes',
      'jobs',
      'jobs',
      'jobs',
    ]);
    expect(stdout).not.toMatch(/hash":"|cw_[0-9a-f]{16}/);
    expect(jsonLines(stdout)[0]).toEqual({
      users: {
        mila_email_username: EMAIL,
        mila_cluster_username: 'ada',
        cc_account_username: 'ada01',
        status: 'enabled',
        admin: true,
        clusters: null,
      },
    });
  });

  it('prints the parts that are asked for', async () => {
    expect(new Set(jsonLines((await exported('gpu', 'nodes')).stdout).flatMap(Object.keys))).toEqual(
      new Set(['gpu', 'nodes']),
    );
  });

  it('refuses a part that there is not, as wrong usage', async () => {
    const { code, stdout, stderr } = await service.cli(['export', 'keys']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/keys.*users, gpu, nodes, jobs/);
  });

  it('imported into an empty database, gives the same answers to the last byte', async () => {
    const { stdout } = await exported();
    const other = await startService({ MONGODB_URI: newDatabase() });
    try {
      expect(await other.cli(['import', '-'], stdout)).toMatchObject({ code: 0 });
      const otherKey = (await other.cli(['keys', 'create', EMAIL])).stdout.trim();
      for (const route of ROUTES) {
        const [before, after] = [await service.request(route, { key }), await other.request(route, { key: otherKey })];
        expect(before.body).not.toEqual([]);
        expect(after.text).toBe(before.text);
      }
      expect((await other.cli(['export'])).stdout).toBe(stdout);
      // What was filled in is not the job's own: it goes again when the table no longer says so.
      await other.cli(['users', 'set', EMAIL, '--cluster-username', '']);
      const [job] = (await other.request('/jobs/list?cluster_name=mila&job_state=RUNNING', { key: otherKey })).body as {
        cw: object;
      }[];
      expect(job?.cw).toMatchObject({ mila_cluster_username: 'ada', mila_email_username: null });
    } finally {
      await other.stop();
    }
  }, 60_000);

  it('imported where it came from, changes nothing that is shown', async () => {
    const before = await Promise.all(ROUTES.map((route) => service.request(route, { key })));
    const { stdout } = await exported();
    expect(await service.cli(['import', '-'], stdout)).toMatchObject({ code: 0 });
    const after = await Promise.all(ROUTES.map((route) => service.request(route, { key })));
    expect(after.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
    const again = await service.cli(['import', '-'], stdout);
    expect(again.stdout).not.toMatch(/"(added|changed|outdated|refused)":[1-9]/);
  });

  it('of an empty database is empty', async () => {
    const empty = { ...service.environment, MONGODB_URI: newDatabase() };
    expect(await runCli(empty, ['export'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('ends without a complaint when its reader has seen enough', async () => {
    const user = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`key${at}`, 'x'.repeat(1000)]));
    const many = Array.from({ length: 200 }, (_, at) => ({
      slurm: { cluster_name: 'pipe', job_id: String(at + 1), job_state: 'RUNNING' },
      user,
    }));
    await service.load({ jobs: many });
    const watched = watchProcess(process.execPath, [CLI, 'export', 'jobs'], { env: service.environment });
    watched.child.stdout?.once('data', () => watched.child.stdout?.destroy());
    expect(await watched.ended).toMatchObject({ code: 0 });
    expect(watched.stderr()).toBe('');
  });
});
