import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClockworkService, newDatabase, runCli, startService } from '../support/clockwork-service.js';
import { clusterNamed } from '../support/cluster-configurations.js';
import { openClusterServices } from '../support/cluster-services.js';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import { jsonLines } from '../support/json-lines.js';
import { onTerminal } from '../support/terminal.js';

interface Line {
  part: string;
  about: string | null;
  status: string;
  since: string;
  message: string;
  measured: object;
}

const linesOf = (stdout: string): Line[] => jsonLines(stdout) as unknown as Line[];

let scratch: string;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-status-')));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('clockwork status beside a running API', () => {
  let dataDir: string;
  let service: ClockworkService;

  beforeAll(async () => {
    dataDir = join(scratch, 'data');
    service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
  }, 60_000);

  afterAll(async () => {
    await service.stop();
    await nothingRunsOn(dataDir, 30_000);
  });

  it('exits 0 where all is well: one JSON object a line, the API process among them', async () => {
    const { stdout, stderr } = await eventually(async () => {
      const answer = await service.cli(['status']);
      expect(answer).toMatchObject({ code: 0 });
      return answer;
    }, 30_000);
    expect(stderr).toBe('');
    const lines = linesOf(stdout);
    expect(lines.map(({ part }) => part)).toEqual(['database', 'disk', 'process', 'event_loop', 'queues']);
    for (const line of lines) expect(line).toMatchObject({ status: 'ok', measured: expect.any(Object) as object });
    expect(lines[2]?.message).toContain(service.url);
    // As the API has seen it, which was there before.
    const asked = Date.now();
    const later = linesOf((await service.cli(['status'])).stdout);
    expect(Date.parse(later[0]?.since ?? '')).toBeLessThan(asked);
  }, 60_000);

  it('--one-line is one line', async () => {
    const { code, stdout } = await service.cli(['status', '--one-line']);
    expect([code, stdout]).toEqual([0, 'CLOCKWORK OK: 5 parts are well\n']);
  });

  it('is a table on a terminal, and JSON there with --json', async () => {
    const table = onTerminal(service.environment, ['status']);
    expect(await table.ended).toMatchObject({ code: 0 });
    const [head, database] = table.stdout().split('\r\n');
    expect(head).toMatch(/^part +about +status +since +message$/);
    expect(database).toMatch(/^database +- +ok +\d{4}-\d\d-\d\dT\S+Z +MongoDB .* answers in .* ms\.$/);
    const json = onTerminal(service.environment, ['status', '--json']);
    await json.ended;
    expect(jsonLines(json.stdout().replaceAll('\r\n', '\n'))).toHaveLength(5);
  });

  it('wrong usage exits 2', async () => {
    for (const args of [['--json', '--one-line'], ['--nonsense'], ['surplus']]) {
      const { code, stdout } = await service.cli(['status', ...args]);
      expect([args, code, stdout]).toEqual([args, 2, '']);
    }
  });

  it('exits 1 where nobody reads a cluster, and says what to do', async () => {
    const collector = await openClusterServices(service.environment);
    await collector.states.configured(clusterNamed('mila'), 'squeue here');
    const { code, stdout, stderr } = await service.cli(['status', '--one-line']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^CLOCKWORK DEGRADED: cluster mila degraded: .*; lease mila degraded: Nobody reads .*\n$/);
    expect(stderr).toBe('Not well: cluster mila, lease mila.\n');
    const table = onTerminal(service.environment, ['status']);
    expect(await table.ended).toMatchObject({ code: 1 });
    expect(table.stdout()).toMatch(/^lease mila: Start an API process with CLOCKWORK_CLUSTERS set/m);
    await collector.states.removedExcept([]);
    await collector.close();
  }, 30_000);

  it('a database that hangs is told within seconds, exit 1', async () => {
    const mongod = await mongodOn(dataDir);
    process.kill(mongod, 'SIGSTOP');
    try {
      const begun = performance.now();
      const { code, stdout } = await service.cli(['status']);
      expect(performance.now() - begun).toBeLessThan(15_000);
      expect(code).toBe(1);
      expect(linesOf(stdout).map(({ part, status }) => [part, status])).toEqual([
        ['database', 'failing'],
        ['disk', expect.any(String)],
      ]);
    } finally {
      process.kill(mongod, 'SIGCONT');
    }
  }, 60_000);
});

describe('clockwork status without one', () => {
  it('starts no embedded database, makes no directory, and says that none runs, exit 1', async () => {
    const dataDir = join(scratch, 'none');
    const environment = { ...process.env, MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir };
    const { code, stdout } = await runCli(environment, ['status', '--one-line']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^CLOCKWORK FAILING: database failing: .*no process runs the embedded database in .*\n$/);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('on an external database says that no API runs, and writes nothing', async () => {
    const environment = { ...process.env, MONGODB_URI: newDatabase() };
    const { code, stdout } = await runCli(environment, ['status']);
    expect(code).toBe(1);
    const lines = linesOf(stdout);
    expect(lines.find(({ part }) => part === 'process')).toMatchObject({ status: 'failing', about: null });
    // What a start would make was not made.
    expect(lines[0]).toMatchObject({
      part: 'database',
      status: 'failing',
      message: expect.stringMatching(/^Indexes/) as string,
    });
  });

  it('on one that nobody serves ends within seconds', async () => {
    const begun = performance.now();
    const environment = { ...process.env, MONGODB_URI: 'mongodb://ada:hunter2@127.0.0.1:9/lab' };
    const { code, stdout, stderr } = await runCli(environment, ['status', '--one-line']);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^CLOCKWORK FAILING: database failing: .*ECONNREFUSED/);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});
