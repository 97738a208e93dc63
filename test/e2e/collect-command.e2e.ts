import { chmod } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { API, CLI, type CliAnswer, newDatabase, runCli } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { eventually } from '../support/eventually.js';
import { jsonLines } from '../support/json-lines.js';
import { watchProcess } from '../support/process-output.js';
import { processTable } from '../support/process-table.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';

const COMMANDS = ['fine', 'idle', 'missing', 'forbidden', 'hung', 'garbled', 'uncounted'] as const;
const FAILING = ['missing', 'forbidden', 'hung', 'garbled', 'refused'];

const slurms = new Map<string, ScriptedSlurm>();
let clusters: ClustersFile;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  for (const name of COMMANDS) slurms.set(name, await ScriptedSlurm.create());
  const pending = { id: 3, state: 'PENDING', user: 'bob' };
  for (const slurm of slurms.values()) await slurm.show([{ id: 1 }, { id: 2 }, pending, { id: 4, partition: 'debug' }]);
  await slurmOf('fine').show([{ id: 1 }, { id: 2 }, pending, { id: 4, partition: 'debug' }], ['{"job_id":5}']);
  await slurmOf('idle').show([]);
  await slurmOf('missing').uninstall('squeue');
  await chmod(join(slurmOf('forbidden').directory, 'squeue'), 0o644);
  await slurmOf('hung').behave('squeue', 'exec sleep 300');
  await slurmOf('garbled').behave('squeue', 'echo "<html>Welcome to login1!</html>"');
  await slurmOf('uncounted').behave('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1');
  clusters = await ClustersFile.of([
    ...COMMANDS.map(described),
    `  - {name: refused, account_kind: cc, time_zone: UTC, slurmrestd: {url: "http://127.0.0.1:${await closedPort()}"}}\n`,
  ]);
  environment = { ...process.env, MONGODB_URI: newDatabase(), CLOCKWORK_CLUSTERS: clusters.path, LOG_LEVEL: 'silent' };
});

afterAll(async () => {
  await clusters.remove();
  await Promise.all([...slurms.values()].map((slurm) => slurm.remove()));
});

function slurmOf(name: string): ScriptedSlurm {
  const slurm = slurms.get(name);
  if (slurm === undefined) throw new Error(`there is no ${name}`);
  return slurm;
}

function described(name: string): string {
  const yaml = slurmOf(name).yaml(name, { time_limit: '2s', leave_out: '{partitions: [debug]}' });
  // This machine may have a Slurm of its own.
  return ['missing', 'forbidden'].includes(name) ? yaml.replace(':/usr/bin:/bin', '') : yaml;
}

/** One that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const collect = (...args: string[]): Promise<CliAnswer> => runCli(environment, ['collect', ...args]);

/** With another file, or none. */
async function collectWith(text: string | undefined, ...args: string[]): Promise<CliAnswer & { path: string }> {
  const file = await ClustersFile.holding(text ?? '');
  const answer = await runCli({ ...environment, CLOCKWORK_CLUSTERS: text === undefined ? '' : file.path }, [
    'collect',
    ...args,
  ]);
  await file.remove();
  return { ...answer, path: file.path };
}

async function collections(): Promise<string[]> {
  const client = await MongoClient.connect(String(environment['MONGODB_URI']));
  const found = await client.db().listCollections().toArray();
  await client.close();
  return found.map(({ name }) => name);
}

describe('clockwork collect --check', () => {
  let answer: CliAnswer;
  let parts: Map<string, string>;

  beforeAll(async () => {
    answer = await collect('--check');
    parts = new Map(answer.stdout.split(/^(?=\S)/m).map((part) => [String(/^\w+/.exec(part)?.[0]), part]));
  }, 60_000);

  it('tries each cluster, and exits 1 where any cannot be read', () => {
    expect(answer.code).toBe(1);
    expect(answer.stderr).toBe(
      `${FAILING.length} of ${COMMANDS.length + 1} clusters cannot be read as they are described.\n`,
    );
    expect([...parts.keys()].sort()).toEqual([...COMMANDS, 'refused'].sort());
    const failed = [...parts].filter(([, text]) => text.includes('FAILED')).map(([name]) => name);
    expect(failed.sort()).toEqual([...FAILING].sort());
  });

  it('says what it found: jobs, accounts, what is left out and what cannot be read; nodes, GPUs; accounting', () => {
    const text = parts.get('fine') ?? '';
    expect(text).toMatch(/^fine: Slurm's commands on this machine\n {2}jobs: /);
    expect(text).toMatch(
      /jobs: 4 of 2 accounts \(1 pending, 2 running, 1 left out\), read in \d+\.\d\d s, \d+ KiB, Slurm 24\.11\.5\n/,
    );
    expect(text).toMatch(/1 could not be taken, and cost the others nothing:\n +5: \S+ /);
    expect(text).toMatch(/ {2}nodes: 6 in the partitions [\w, ]+, read in /);
    expect(text).toMatch(/resources: .*gpu:/);
    expect(text).toMatch(/ {2}accounting: 0 runs of jobs in the last hour, read in /);
  });

  it('says that an empty cluster may be an idle one', () => {
    expect(parts.get('idle')).toMatch(/jobs: 0 of 0 accounts .*\n +An empty reading ends no job/);
  });

  it.each([
    [
      'missing',
      /jobs: FAILED\. `squeue .* on this machine cannot be run: .*squeue.*No such file.*Install Slurm's commands there, or put them on the PATH/,
    ],
    ['forbidden', /jobs: FAILED\. `squeue .* cannot be run: .*squeue.*Permission denied/],
    ['hung', /jobs: FAILED\. `squeue .* had not ended after 2 s, and was ended\. Slurm hangs or is busy/],
    ['garbled', /jobs: FAILED\. `squeue .* gave what cannot be read\./],
    ['refused', /jobs: FAILED\. .*127\.0\.0\.1:\d+.*ECONNREFUSED/],
  ])('%s: says what to do about it', (name, words) => {
    expect(parts.get(name)).toMatch(words);
    expect(parts.get(name)).not.toMatch(/^\s+at /m);
  });

  it('a cluster without accounting is no failure, and what that means is said', () => {
    expect(parts.get('uncounted')).toMatch(/accounting: none\. .*will have the phase unknown/);
  });

  it('writes nothing, and needs no database', async () => {
    expect(await collections()).toEqual([]);
  });

  it('of a cluster that is fine exits 0', async () => {
    const { code, stdout, stderr } = await collect('--check', '--cluster', 'uncounted', 'idle');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^(uncounted|idle): /);
  });

  it('ends at Ctrl-C, with all that it has started', async () => {
    const watched = watchProcess(process.execPath, [CLI, 'collect', '--check', '--cluster', 'hung'], {
      env: environment,
    });
    const { directory } = slurmOf('hung');
    const running = async () => (await processTable()).filter(({ workingDirectory }) => workingDirectory === directory);
    await eventually(async () => {
      expect(await running()).not.toEqual([]);
    }, 10_000);
    watched.child.kill('SIGINT');
    expect(await watched.ended).toEqual({ code: 1, signal: null });
    expect(watched.stderr()).toBe('Stopped.\n');
    expect(await running()).toEqual([]);
  }, 20_000);
});

describe('clockwork collect --once', () => {
  it('prints a line of JSON for each cluster, and exits 0 where all could be read', async () => {
    const { code, stdout } = await collect('--once', '--cluster', 'fine', '--cluster', 'uncounted');
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      {
        cluster: 'fine',
        jobs: { read: 4, skipped: 1, added: 3 },
        nodes: { read: 6, added: 6 },
        waiting: 0,
        failures: [],
      },
      { cluster: 'uncounted', jobs: { read: 4, skipped: 0, added: 3 }, failures: [] },
    ]);
  });

  it('exits 1 with the reason where one could not, and has read the others', async () => {
    const { code, stdout, stderr } = await collect('--once', '--cluster', 'garbled', 'fine');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^garbled, jobs: .*gave what cannot be read\..*\n$/);
    expect(jsonLines(stdout)).toMatchObject([
      { cluster: 'fine', jobs: { unchanged: 3 }, failures: [] },
      { cluster: 'garbled', jobs: null, failures: [{ part: 'jobs', kind: 'unreadable' }] },
    ]);
  });

  it('goes through a slow accounting a step each time, and begins where the last has ended', async () => {
    const slurm = slurmOf('idle');
    await slurm.behave('sacct', 'sleep 1.2; cat accounting-head.json; echo "]}"');
    const begun = Math.floor(Date.now() / 1_000);
    for (let times = 0; times < 2; times += 1) expect((await collect('--once', '--cluster', 'idle')).code).toBe(0);
    const windows = (await slurm.calls('sacct')).flatMap(({ args, at }) => {
      const [, from, to] = /--starttime=uts(\d+) --endtime=uts(\d+)/.exec(args) ?? [];
      return at < begun * 1_000 ? [] : [{ from: Number(from), to: Number(to) }];
    });
    const [first, second] = windows;
    expect(windows).toHaveLength(2);
    expect((first?.to ?? 0) - (first?.from ?? 0)).toBeGreaterThan(3_600);
    // The one is rounded down to seconds, the other up.
    expect(second?.from).toBeGreaterThanOrEqual((first?.to ?? 0) - 1);
    expect(second?.from).toBeLessThanOrEqual(first?.to ?? 0);
  }, 30_000);
});

describe('clockwork collect', () => {
  it('says which clusters there are, where it is asked for another', async () => {
    const { code, stderr } = await collect('--check', '--cluster', 'fine', 'nowhere');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `CLOCKWORK_CLUSTERS describes no cluster nowhere; it has ${COMMANDS.join(', ')}, refused.\n`,
    });
  });

  it('says what to set, where no clusters are described', async () => {
    for (const args of [[], ['--check'], ['--once']]) {
      const { code, stderr } = await collectWith(undefined, ...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^CLOCKWORK_CLUSTERS is not set; .*docs\/clusters\.md\)\.\n$/);
    }
  });

  it('tells the line and the key of each mistake in the file, before anything is started; so does the start of the service', async () => {
    const text = 'clusters:\n  - name: mila\n    account_kind: mila\n    time_zone: Mars/Olympus\n    comand:\n';
    const { code, stderr, path } = await collectWith(text, '--check');
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(': ', path.length + 8)))).toEqual([
      `${path}:2:5: clusters[0]`,
      `${path}:4:16: clusters[0].time_zone`,
      `${path}:5:5: clusters[0].comand`,
    ]);

    const file = await ClustersFile.holding(text);
    const api = watchProcess(process.execPath, [API], {
      env: { ...environment, PORT: '0', CLOCKWORK_CLUSTERS: file.path },
    });
    expect(await api.ended).toEqual({ code: 1, signal: null });
    expect(api.stderr()).toBe(stderr.replaceAll(path, file.path));
    expect(api.stdout()).toBe('');
    await file.remove();
  });
});
