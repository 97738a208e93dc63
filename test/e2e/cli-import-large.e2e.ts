import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CLI, newDatabase, runCli } from '../support/clockwork-service.js';
import { peakMemory } from '../support/peak-memory.js';
import { watchProcess } from '../support/process-output.js';
import { CTRL_C, onTerminal } from '../support/terminal.js';

const MIB = 1024 ** 2;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** Less than the larger input: who held that on the heap would be ended, and garbage is collected before it adds up. */
const HEAP_MIB = 112;

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'clockwork-large-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

function newEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LOG_FORMAT: 'json', MONGODB_URI: newDatabase() };
}

function* jobLines(count: number): Generator<string> {
  for (let id = 1; id <= count; id += 1) {
    const slurm = {
      cluster_name: 'mila',
      job_id: String(id),
      job_state: 'COMPLETED',
      name: `train_${id}`,
      uid: '10001',
      mila_cluster_username: `user${id % 100}`,
      submit_time: '2024-01-01T00:00:00-05:00',
      start_time: '2024-01-01T01:00:00-05:00',
      end_time: '2024-01-02T00:00:00-05:00',
      partition: 'main',
      nodes: 'cn-a001',
      work_dir: '/home/mila/u/user/experiments/some/longer/path',
      command: '/home/mila/u/user/experiments/some/longer/path/train.sh',
    };
    yield `${JSON.stringify({ jobs: { slurm, user: { loss: 0.5, tags: 'x'.repeat(800) } } })}\n`;
  }
}

/** Imports from a pipe, made on the fly. @returns the most memory that the command has had, and its input's size */
async function importPiped(count: number): Promise<{ peak: number; bytes: number; seconds: number }> {
  const startedAt = performance.now();
  const env = { ...newEnvironment(), NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
  const watched = watchProcess(process.execPath, [CLI, 'import', '-'], { env, stdio: 'pipe' });
  const { stdin, pid } = watched.child;
  if (stdin === null || pid === undefined) throw new Error('the import did not start');
  const peak = peakMemory(pid, watched.ended);
  let bytes = 0;
  await pipeline(
    Readable.from(jobLines(count)).map((line: string) => {
      bytes += line.length;
      return line;
    }),
    stdin,
  );
  expect(await watched.ended).toMatchObject({ code: 0 });
  expect(JSON.parse(watched.stdout())).toEqual({
    jobs: { added: count, changed: 0, unchanged: 0, outdated: 0, refused: 0 },
  });
  // A pipe is no terminal: no bar, no control sequences.
  expect(watched.stderr()).toBe('All records were taken.\n');
  return { peak: await peak, bytes, seconds: (performance.now() - startedAt) / 1000 };
}

const itOnLinux = process.platform === 'linux' ? it : it.skip;

itOnLinux(
  'an import of 100 000 jobs takes no more memory than one of 20 000',
  async () => {
    const small = await importPiped(20_000);
    const large = await importPiped(100_000);
    process.stderr.write(
      `import of 100 000 jobs, ${Math.round(large.bytes / MIB)} MiB: ${large.seconds.toFixed(1)} s, ` +
        `${Math.round(large.peak / MIB)} MiB at the most; of 20 000: ${Math.round(small.peak / MIB)} MiB\n`,
    );
    const bound = 64 * MIB;
    // Whoever held the input would exceed it by far.
    expect(large.bytes - small.bytes).toBeGreaterThan(1.5 * bound);
    expect(large.peak - small.peak).toBeLessThan(bound);
  },
  180_000,
);

describe('on a terminal', () => {
  const COUNT = 9_000;
  let file: string;

  beforeAll(async () => {
    file = join(scratch, 'jobs.ndjson');
    await pipeline(Readable.from(jobLines(COUNT)), createWriteStream(file));
  });

  it('an import shows how far it is, and what it refuses above that', async () => {
    const out = createWriteStream(file, { flags: 'a' });
    out.end('{"jobs": {"slurm": {}}}\n');
    await once(out, 'close');
    const watched = onTerminal(newEnvironment(), ['import', file]);
    expect(await watched.ended).toMatchObject({ code: 1 });
    const shown = watched.stdout();
    const percents = [...shown.matchAll(/(\d+) % \| (\d+) records/g)].map(([, percent]) => Number(percent));
    expect(percents.at(0)).toBe(0);
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual(percents.toSorted((one, other) => one - other));
    expect(shown).toContain(`100 % | ${COUNT + 1} records`);
    expect(shown).toMatch(new RegExp(`^.*jobs ${COUNT + 1}: slurm\\.cluster_name`, 'm'));
    expect((await stat(file)).size).toBeGreaterThan(MIB);
  });

  it('Ctrl-C ends an import at once, leaves what was taken and the terminal as it was', async () => {
    const environment = newEnvironment();
    const watched = onTerminal(environment, ['import', file]);
    await watched.printed(/% \| [1-9]\d{3} records/);
    watched.child.stdin?.write(CTRL_C);
    const { code } = await watched.ended;
    expect(code).toBe(130);
    const shown = watched.stdout();
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThanOrEqual(shown.lastIndexOf(HIDE_CURSOR));
    const { stdout } = await runCli(environment, ['db', 'status']);
    const { jobs } = JSON.parse(stdout) as { jobs: number };
    expect(jobs).toBeGreaterThan(0);
    expect(jobs).toBeLessThan(COUNT);
    // And it can be begun again.
    const again = await runCli(environment, ['import', file]);
    expect(JSON.parse(again.stdout)).toMatchObject({ jobs: { added: COUNT - jobs, unchanged: jobs } });
  });
});
