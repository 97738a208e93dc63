import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Document, MongoClient } from 'mongodb';
import { importLines } from '../bench/data/import-lines.ts';
import { multiplyJobs } from '../bench/data/multiply-jobs.ts';
import { OCCASIONAL, OCCASIONAL_JOBS } from '../bench/data/people.ts';
import type { Figure } from '../bench/figure.ts';
import { FIGURE_GROUPS } from '../bench/figures/index.ts';
import { newDatabase, runCli } from '../support/clockwork-service.js';
import { watchProcess } from '../support/process-output.js';

const BENCH = 'test/bench/main.ts';
const PATIENCE_MS = 240_000;

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'clockwork-bench-e2e-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** With its temporary directories in one of its own, so that what it leaves behind can be seen. */
function bench(args: readonly string[], directory = scratch) {
  return watchProcess(process.execPath, [BENCH, ...args], { env: { ...process.env, TMPDIR: directory } });
}

const TABLE_ROWS = [
  ['whole list of 2 000 jobs, speed against (a)', '≥ 5 ×'],
  ['whole list of 2 000 jobs, speed against (b)', '≥ 0.7 ×'],
  ['its first byte, against the whole', '≤ 2 %'],
  ['unchanged list again with its ETag, speed against (a)', '≥ 200 ×'],
  ['unchanged list again without, speed against (a)', '≥ 10 ×'],
  ['memory growth, 8 clients reading the list of 2 000', '≤ 64 MiB'],
  ['memory a reader that has stopped, the list of 2 000', '≤ 4 MiB'],
  ["one user's 50 jobs out of 1 000 000 against out of 100 000, time", '≤ 1.2 ×'],
  ['jobs/one under load, against (a)', '≥ 0.8 ×'],
  ['99 updates into one job at once against into 99 jobs, time', '≤ 2 ×'],
  ['nodes/list against nodes/one, time', ''],
  ['gpu/list against gpu/one, time', ''],
  ['reading 2 000 jobs of Slurm 22.05, compact JSON, speed against JSON.parse', '≥ 0.5 ×'],
  ['memory growth of the collector, 2 000 jobs, the first cycle', '≤ 150 MiB'],
  ['cycle over 2 000 jobs of Slurm 24.11, 1 % changed against all, time', '≤ 0.2 ×'],
] as const;

/** For what a small run on one size, and a service that has not everything yet, cannot measure. */
const REASONS = ['not offered', 'needs --jobs 1000000', 'measured on Linux alone (/proc)'];

describe('npm run bench', () => {
  it(
    'measures every figure, or says why not, writes the pages, and leaves nothing behind',
    async () => {
      const directory = await mkdtemp(join(scratch, 'run-'));
      const output = join(scratch, 'pages');
      const run = bench(['--jobs', '2000', '--rounds', '1', '--seconds', '0.2', '--output', output], directory);
      expect({ ...(await run.ended), stderr: run.stderr() }).toMatchObject({ code: 0 });
      expect(await readdir(directory)).toEqual([]);

      const { figures } = JSON.parse(await readFile(join(output, 'performance.json'), 'utf8')) as {
        figures: (Figure & { median?: number; met: boolean | null })[];
      };
      expect(new Set(figures.map(({ group }) => group))).toEqual(new Set(FIGURE_GROUPS.map(({ name }) => name)));
      for (const { title, reason, samples, median, goal, met } of figures) {
        if (reason === null) expect({ title, samples }).toEqual({ title, samples: [median] });
        else expect(REASONS).toContain(reason);
        expect({ title, judged: met !== null }).toEqual({ title, judged: goal !== null && reason === null });
      }

      const page = await readFile(join(output, 'performance.md'), 'utf8');
      const rows = [...page.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) =>
        row.split('|').map((cell) => cell.trim()),
      );
      for (const [title, goal] of TABLE_ROWS) {
        const row = rows.find(([first]) => first === title);
        expect(row?.slice(0, 2)).toEqual([title, goal]);
        expect(REASONS.includes(row?.[2] ?? '') || /^-?\d[\d .]* (×|%|MiB)$/.test(row?.[2] ?? '')).toBe(true);
        expect(run.stdout()).toContain(title);
      }
      expect(await readFile(join(output, 'performance.svg'), 'utf8')).toMatch(/<rect class="bar ours"/);
    },
    PATIENCE_MS,
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ended by %s leaves neither a process nor a directory behind',
    async (signal) => {
      const directory = await mkdtemp(join(scratch, 'run-'));
      const run = bench(['--only', 'user', '--jobs', '5000'], directory);
      await told(run, 'importing');
      run.child.kill(signal);
      expect(await run.ended).toMatchObject({ code: signal === 'SIGINT' ? 130 : 143 });
      expect(await readdir(directory)).toEqual([]);
      expect(await commandLines()).not.toContain(directory);
    },
    PATIENCE_MS,
  );

  it('tells a wrong option, and what there are', async () => {
    const wrong = bench(['--job', '5']);
    expect(await wrong.ended).toMatchObject({ code: 2 });
    expect(wrong.stderr()).toMatch(/--job\b.*\n.*--help lists the options\.\n$/s);
    const help = bench(['--help']);
    expect(await help.ended).toMatchObject({ code: 0 });
    for (const { name } of FIGURE_GROUPS) expect(help.stdout()).toMatch(new RegExp(`^ +${name} `, 'm'));
  });
});

describe('jobs that the database multiplies', () => {
  it('are stored as imported ones are, each once, and leave one user the same few', async () => {
    const environment = { ...process.env, MONGODB_URI: newDatabase() };
    const imported = await runCli(environment, ['import', '-'], [...importLines(1_000)].join(''));
    expect(imported).toMatchObject({ code: 0 });
    const client = await MongoClient.connect(environment.MONGODB_URI);
    const source = client.db();
    const target = client.db(`${source.databaseName}_large`);
    await multiplyJobs(source, target, 3_500);
    const jobs = target.collection('jobs');
    expect(await jobs.countDocuments()).toBe(3_500);
    for (const unique of ['slurm.job_id', 'source.incarnation', 'derived.job_number']) {
      expect(await jobs.distinct(unique)).toHaveLength(3_500);
    }
    for (const name of [OCCASIONAL.mila, OCCASIONAL.cc, OCCASIONAL.email]) {
      expect(await jobs.countDocuments({ 'derived.names': name })).toBe(OCCASIONAL_JOBS);
    }
    expect(await shapes(target.collection('jobs').find().toArray())).toEqual(
      await shapes(source.collection('jobs').find().toArray()),
    );
    await client.close();
  });
});

/** Every order of fields with their types that occurs. */
async function shapes(documents: Promise<Document[]>): Promise<Set<string>> {
  return new Set((await documents).map((document) => JSON.stringify(shape(document))));
}

function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor.name;
  return Object.entries(value).map(([name, inside]) => [name, shape(inside)]);
}

async function told(run: ReturnType<typeof bench>, words: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    run.child.stderr?.on('data', () => {
      if (run.stderr().includes(words)) resolve();
    });
    void run.ended.then(() => {
      reject(new Error(`ended before it told of ${words}: ${run.stderr()}`));
    });
  });
}

async function commandLines(): Promise<string> {
  return (await promisify(execFile)('ps', ['-eo', 'args'])).stdout;
}
