import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { nothingRunsOn, serversOn } from '../support/embedded-processes.js';
import { BASE, exchange } from '../support/http-exchange.js';
import { watchProcess, type WatchedProcess } from '../support/process-output.js';
import { copyProject, type ProjectCopy } from '../support/project-copy.js';
import { recordedTruth } from '../support/recorded-cluster.js';
import { beginUpdate } from '../support/slow-update.js';

/** For one build and one start of the database, on a machine that does more than this. */
const PATIENCE_MS = 60_000;
const LIST = `${BASE}/jobs/list`;

let copy: ProjectCopy;
let scratch: string;
let dataDirs = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'clockwork-npm-'));
  copy = await copyProject();
}, PATIENCE_MS);

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  await copy.remove();
});

/** A terminal's environment, without what jest and npm add to this one's. */
function environmentWith(dataDir: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours = /^(npm_|CLOCKWORK_|MONGODB_URI$|HOST$|LOG_|NODE_OPTIONS$|JEST_)/;
  const terminal = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(terminal), PORT: '0', CLOCKWORK_DATA_DIR: dataDir, ...more };
}

function newDataDir(): string {
  dataDirs += 1;
  return join(scratch, `data-${dataDirs}`);
}

/** `npm` in a process group of its own, as a shell runs it. */
function npm(args: readonly string[], environment: NodeJS.ProcessEnv): WatchedProcess {
  return watchProcess('npm', args, { cwd: copy.directory, env: environment, detached: true });
}

async function running(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ url: string; watched: WatchedProcess }> {
  const watched = npm(args, environment);
  const [, url = ''] = await watched.printed(/^Clockwork answers at (\S+)$/m);
  return { url, watched };
}

/** Pastes lines into a shell in the project's directory. */
async function pasted(lines: string, environment: NodeJS.ProcessEnv): Promise<{ code: number | null; stdout: string }> {
  const shell = watchProcess('sh', ['-e', '-c', lines], { cwd: copy.directory, env: environment });
  const { code } = await shell.ended;
  return { code, stdout: shell.stdout() };
}

/** Ctrl-C reaches every process of the terminal's foreground group; a service manager tells npm alone. */
const WAYS_TO_STOP: [name: string, stop: (npmPid: number) => void][] = [
  ['Ctrl-C', (npmPid) => process.kill(-npmPid, 'SIGINT')],
  ['SIGTERM to npm', (npmPid) => process.kill(npmPid, 'SIGTERM')],
];

const pidOf = ({ child }: WatchedProcess): number => Number(child.pid);

async function nobodyListens(url: string): Promise<void> {
  await eventually(() => expect(exchange(url, '/health/live', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
}

async function groupIsGone(pid: number): Promise<boolean> {
  const ps = spawn('ps', ['-o', 'pid=', '-g', String(pid)]);
  const [code] = (await once(ps, 'exit')) as [number];
  return code !== 0;
}

describe('npm start', () => {
  let environment: NodeJS.ProcessEnv;
  let dataDir: string;
  let key: string;

  beforeAll(() => {
    dataDir = newDataDir();
    environment = environmentWith(dataDir);
  });

  it(
    'says where it answers and how to make the first key; whoever follows that has a key that works at once',
    async () => {
      const { url, watched } = await running(['start'], environment);
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
      const [hint = ''] = await eventually(async () => {
        await Promise.resolve();
        const lines = /(?: {2}CLOCKWORK_DATA_DIR='[^']+' npx clockwork .*\n)+/.exec(watched.stderr());
        expect(lines).not.toBeNull();
        return lines ?? [];
      });
      expect(watched.stderr()).toMatch(/Nobody has an API key yet/);
      // Into another terminal, which knows nothing of the first one's variables.
      const { code, stdout } = await pasted(hint, { ...environment, CLOCKWORK_DATA_DIR: '' });
      expect(code).toBe(0);
      key = stdout.trim();
      expect(key).toMatch(/^cw_\S+$/);
      expect(await exchange(url, LIST, { key })).toMatchObject({ status: 200, body: [] });
      expect(await exchange(url, LIST, {})).toMatchObject({ status: 401 });
      watched.child.kill('SIGTERM');
      await watched.ended;
      await nothingRunsOn(dataDir, 5_000);
    },
    2 * PATIENCE_MS,
  );

  it.each(WAYS_TO_STOP)(
    'keeps the data from one start to the next, and ends all of it with %s, once what is being answered is answered',
    async (_name, stop) => {
      const { url, watched } = await running(['start'], environment);
      expect(await exchange(url, LIST, { key })).toMatchObject({ status: 200, body: [] });
      const update = await beginUpdate(url, key, '1');
      stop(pidOf(watched));
      await nobodyListens(url);
      expect(await update.finish()).toBe(404);
      const { code, signal } = await watched.ended;
      // Ended as told is no failure: npm passes on the server's 0, or ends by the signal that it got itself.
      expect([0, null]).toContain(code);
      expect(['SIGINT', 'SIGTERM', null]).toContain(signal);
      expect(watched.stderr()).not.toMatch(/^\s+at |Nobody has an API key/m);
      await nothingRunsOn(dataDir, 5_000);
      expect(await groupIsGone(pidOf(watched))).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'with a wrong variable ends with its name and exit 1, and starts no database',
    async () => {
      const watched = npm(['start'], environmentWith(dataDir, { PORT: 'http', LOG_FORMAT: 'xml' }));
      expect(await watched.ended).toMatchObject({ code: 1 });
      expect(watched.stderr()).toMatch(/^PORT is "http"; it takes .*0 to 65535/m);
      expect(watched.stderr()).toMatch(/^LOG_FORMAT is "xml"; it takes .*pretty, json/m);
      expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
    },
    PATIENCE_MS,
  );
});

describe('npm run demo', () => {
  it(
    'prints lines that work when pasted, about the recorded cluster, on a data directory of its own',
    async () => {
      const dataDir = newDataDir();
      // Not for a demo: its made-up users have no place in a lab's database.
      const environment = environmentWith(dataDir, { MONGODB_URI: 'mongodb://127.0.0.1:9/lab' });
      const { url, watched } = await running(['run', 'demo'], environment);
      await watched.printed(/Ctrl-C ends the demo/);
      const lines = watched.stdout().match(/^ {2}curl .*$/gm) ?? [];
      const answers = new Map<string, unknown>();
      for (const line of lines) {
        const { code, stdout } = await pasted(`${line} -s -w '\n%{http_code}'`, environment);
        const [body = '', status] = stdout.split('\n');
        expect({ line, code, status }).toEqual({ line, code: 0, status: '200' });
        answers.set(/\/api\/v1\/cluster\/([a-z_/]+)/.exec(line)?.[1] ?? line, JSON.parse(body));
      }
      const truth = recordedTruth('slurm-22.05');
      const own = truth.jobs.filter(({ user }) => user === 'milauser01').map(({ job_id }) => String(job_id));
      const listed = answers.get('jobs/list') as { slurm: { job_id: string; cluster_name: string } }[];
      expect(listed.map(({ slurm }) => slurm.job_id)).toEqual(expect.arrayContaining(own));
      expect(new Set(listed.map(({ slurm }) => slurm.cluster_name))).toEqual(new Set(['mila']));
      const runningJobs = truth.jobs.filter(({ state }) => state === 'RUNNING').length;
      expect((answers.get('jobs/count') as { count: number }).count).toBeGreaterThanOrEqual(runningJobs);
      expect(answers.get('jobs/one')).toMatchObject({ slurm: { job_state: 'RUNNING', cluster_name: 'mila' } });
      expect(answers.get('jobs/user_dict_update')).toEqual({ train_loss: 0.2, nbr_dinosaurs: 10 });
      expect((answers.get('nodes/list') as { slurm: { name: string } }[]).map(({ slurm }) => slurm.name)).toEqual(
        truth.nodes.map(({ name }) => name).sort(),
      );
      expect(answers.get('nodes/one/gpu')).toMatchObject({ name: 'rtx8000', vendor: 'nvidia', ram: 48 });
      expect(JSON.stringify(answers.get('gpu/list'))).toContain('"cw_name":"rtx8000"');

      const [, key = ''] = /Bearer (\S+)'/.exec(lines[0] ?? '') ?? [];
      const all = (await exchange(url, LIST, { key })).body as { slurm: { job_id: string } }[];
      const recorded = [...truth.jobs, ...(truth.only_in_sacct ?? [])].map(({ job_id }) => String(job_id));
      expect(new Set(all.map(({ slurm }) => slurm.job_id))).toEqual(new Set(recorded));

      process.kill(-pidOf(watched), 'SIGINT');
      await watched.ended;
      await nothingRunsOn(dataDir, 5_000);
    },
    2 * PATIENCE_MS,
  );

  it(
    'on a port that is taken says so and ends, its database too',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const dataDir = newDataDir();
      const watched = npm(['run', 'demo'], environmentWith(dataDir, { PORT: String(port) }));
      expect(await watched.ended).toMatchObject({ code: 1 });
      taken.close();
      expect(watched.stderr()).toMatch(new RegExp(`^PORT is ${port}, `, 'm'));
      expect(watched.stderr()).not.toMatch(/^\s+at /m);
      await nothingRunsOn(dataDir, 5_000);
    },
    PATIENCE_MS,
  );
});
