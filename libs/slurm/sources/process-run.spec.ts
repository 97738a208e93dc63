import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { commandEnvironment } from './command-environment.js';
import { type ProcessEnd, type ProcessRun, runProcess } from './process-run.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-run-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function run(argv: readonly string[], changes: Partial<ProcessRun> = {}): Promise<ProcessEnd & { text: string }> {
  const chunks: Uint8Array[] = [];
  const end = await runProcess({
    argv,
    environment: commandEnvironment(),
    limits: { timeLimitMs: 10_000, outputLimitBytes: 1_000_000 },
    signal: new AbortController().signal,
    consume: (chunk) => void chunks.push(chunk),
    ...changes,
  });
  return { ...end, text: Buffer.concat(chunks).toString('utf8') };
}

const shell = (script: string, changes?: Partial<ProcessRun>) => run(['sh', '-c', script], changes);
const limited = (timeLimitMs: number) => ({ limits: { timeLimitMs, outputLimitBytes: 1_000_000 } });

/** Whether the process runs: one that ended and was not asked about by its parent is none. */
async function runs(pid: number): Promise<boolean> {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function pidIn(file: string): Promise<number> {
  return Number(await readFile(join(directory, file), 'utf8'));
}

describe('a program that ends by itself', () => {
  it('hands on what it printed, and tells its status and its stderr', async () => {
    const end = await shell('printf "one\\ntwo"; echo oh no >&2; exit 3');
    expect(end).toMatchObject({
      cause: 'itself',
      code: 3,
      signal: null,
      text: 'one\ntwo',
      stderr: 'oh no\n',
      bytes: 7,
    });
  });

  it('gets its arguments as they are', async () => {
    const words = ['$(id)', '`id`', "it's", '"a b"', '*', ';', ''];
    expect((await run(['printf', '%s\\n', ...words])).text).toBe(words.map((word) => `${word}\n`).join(''));
  });

  it('has nothing to read', async () => {
    expect(await shell('cat; echo end')).toMatchObject({ text: 'end\n', code: 0 });
  });

  it('gets the environment without secrets and without what would change the answers', async () => {
    const before = { ...process.env };
    const set = {
      MONGODB_URI: 'secret',
      CLOCKWORK_X: 'secret',
      SQUEUE_USERS: 'ada',
      SLURM_CLUSTERS: 'other',
      HARMLESS_X: 'yes',
    };
    Object.assign(process.env, set, { LC_ALL: 'fr_FR.UTF-8' });
    try {
      const { text } = await run(['env'], { environment: commandEnvironment({ SLURM_CONF: '/x' }) });
      expect(text).toMatch(/^HARMLESS_X=yes$/m);
      expect(text).toMatch(/^SLURM_CONF=\/x$/m);
      expect(text).toMatch(/^LC_ALL=C$/m);
      expect(text).not.toMatch(/secret|SQUEUE_USERS|SLURM_CLUSTERS/);
    } finally {
      process.env = before;
    }
  });

  it('may leave something behind that holds its stderr open', async () => {
    const start = performance.now();
    expect(await shell(`sleep 60 >/dev/null & echo $! >${directory}/left; echo end`)).toMatchObject({
      text: 'end\n',
      code: 0,
    });
    expect(performance.now() - start).toBeLessThan(3_000);
    process.kill(await pidIn('left'), 'SIGKILL');
  });

  it('is told of where it cannot be run', async () => {
    expect(await run(['/nowhere/squeue'])).toMatchObject({ cause: 'start', error: { code: 'ENOENT' } });
    expect(await run(['squeue\0'])).toMatchObject({ cause: 'start' });
  });

  it('has but the end of its stderr kept', async () => {
    const end = await shell('head -c 50000000 /dev/zero | tr "\\0" x >&2; echo the end >&2; exit 1');
    expect(end.stderr).toHaveLength(4_096);
    expect(end.stderr).toMatch(/^x+the end\n$/);
  });
});

describe('a program that is ended', () => {
  it('prints without end', async () => {
    const end = await run(['yes']);
    expect(end.cause).toBe('output limit');
    expect(end.bytes).toBeGreaterThan(1_000_000);
    expect(end.bytes).toBeLessThan(1_200_000);
    expect(end.text.length).toBeLessThanOrEqual(1_000_000);
  });

  it('hangs, deaf to SIGTERM, with children and grandchildren in the background', async () => {
    const script =
      `trap '' TERM; echo $$ >${directory}/leader; (trap '' TERM; (trap '' TERM; exec sleep 60) & echo $! >${directory}/grandchild; wait) & ` +
      `while :; do sleep 1; done`;
    const start = performance.now();
    const end = await shell(script, limited(500));
    expect(end).toMatchObject({ cause: 'time limit', signal: 'SIGKILL' });
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await runs(await pidIn('leader'))).toBe(false);
    expect(await runs(await pidIn('grandchild'))).toBe(false);
  });

  it('has gone, and left a child of the group behind that holds its stdout open', async () => {
    const end = await shell(`(sleep 60 & echo $! >${directory}/orphan) & wait; exit 0`, limited(500));
    expect(end).toMatchObject({ cause: 'time limit' });
    expect(await runs(await pidIn('orphan'))).toBe(false);
  });

  it('has gone, and left a child behind that made itself a session of its own', async () => {
    const start = performance.now();
    const end = await shell(
      `setsid sh -c 'echo $$ >${directory}/daemon; exec sleep 60' & sleep 0.2; exit 0`,
      limited(500),
    );
    expect(end.cause).toBe('time limit');
    expect(performance.now() - start).toBeLessThan(5_000);
    process.kill(await pidIn('daemon'), 'SIGKILL');
  });

  it('closes its stdout and goes on', async () => {
    expect(await shell('exec >&-; sleep 60', limited(500))).toMatchObject({ cause: 'time limit', text: '' });
  });

  it('is not wanted any more', async () => {
    const abort = new AbortController();
    setTimeout(() => {
      abort.abort(new Error('shutting down'));
    }, 200);
    const end = await shell(`echo $$ >${directory}/unwanted; sleep 60`, { signal: abort.signal });
    expect(end).toMatchObject({ cause: 'aborted', error: { message: 'shutting down' } });
    expect(await runs(await pidIn('unwanted'))).toBe(false);
    expect(await shell('exit 0', { signal: abort.signal })).toMatchObject({ cause: 'aborted' });
  });

  it('prints what nobody can take', async () => {
    const consume = (): never => {
      throw new Error('not that');
    };
    const end = await shell(`echo $$ >${directory}/refused; while echo x; do :; done`, { consume });
    expect(end).toMatchObject({ cause: 'consumer', error: { message: 'not that' } });
    expect(await runs(await pidIn('refused'))).toBe(false);
  });
});

describe('whoever takes what is printed', () => {
  it('is waited for, so that no more is read than is taken', async () => {
    const counter = join(directory, 'written');
    await writeFile(
      join(directory, 'writer.sh'),
      `i=0; while [ $i -lt 200 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i >${counter}; done`,
    );
    let first = true;
    let written = 0;
    const end = await run(['sh', join(directory, 'writer.sh')], {
      limits: { timeLimitMs: 10_000, outputLimitBytes: 100_000_000 },
      consume: async () => {
        if (!first) return;
        first = false;
        await sleep(500);
        written = Number(await readFile(counter, 'utf8'));
      },
    });
    expect(end).toMatchObject({ cause: 'itself', code: 0, bytes: 200 * 65_536 });
    // What the pipe and the stream hold.
    expect(written).toBeLessThan(10);
  });

  it("costs no time of the program's", async () => {
    const consume = (): Promise<void> => sleep(1_000);
    const end = await shell('echo x', { consume, ...limited(800) });
    expect(end).toMatchObject({ cause: 'itself', code: 0 });
    expect(end.milliseconds).toBeLessThan(700);
  });
});
