import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FakeCommands, fixturePath } from '../../../test/support/fake-commands.js';
import type { JobRecord } from '../job-record.js';
import { openSource } from './open-source.js';
import { type SlurmSource, SourceError } from './slurm-source.js';

const LIMITS = { timeLimitMs: 10_000, outputLimitBytes: 50_000_000 };
const never = new AbortController().signal;
const NOW = Math.floor(Date.now() / 1_000);
const nothing = (): void => undefined;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-files-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function source(limits = LIMITS): SlurmSource {
  return openSource({ kind: 'file', directory }, limits, { timeZone: 'UTC' });
}

/** A set of copies of fixtures: name to fixture. */
async function set(name: string | number, files: Record<string, string>): Promise<string> {
  const path = join(directory, String(name));
  await mkdir(path);
  for (const [file, fixture] of Object.entries(files)) await copyFile(fixturePath(fixture), join(path, file));
  return path;
}

function complete(path: string): void {
  // A pattern of the shell's leaves out what begins with a dot.
  execFileSync('sh', ['-c', 'sha256sum * >.complete && mv .complete complete'], { cwd: path });
}

async function jobsOf(asked: SlurmSource) {
  const jobs: JobRecord[] = [];
  const reading = await asked.jobs((batch) => void jobs.push(...batch), never);
  return { ...reading, jobs };
}

async function failure(question: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await question.then(
    () => new Error('was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

const OLD = 'slurm-22.05/squeue.json';
const NEW = 'slurm-24.11/squeue.json';

describe('the newest complete set', () => {
  it('is taken, at the time that it is named for', async () => {
    complete(await set(NOW - 120, { 'jobs.json': OLD }));
    complete(await set(NOW - 60, { 'jobs.json': NEW }));
    await set(NOW, { 'jobs.json': OLD });
    const { jobs, ...reading } = await jobsOf(source());
    const text = await readFile(fixturePath(NEW));
    expect(reading).toMatchObject({ slurmVersion: '24.11.5', observedAt: (NOW - 60) * 1_000, bytes: text.length });
    expect(reading.records).toBe(jobs.length);
    complete(join(directory, String(NOW)));
    expect(await jobsOf(source())).toMatchObject({ slurmVersion: '22.05.8', observedAt: NOW * 1_000 });
  });

  it('may be one that has this file, where the newer ones have not', async () => {
    complete(await set(NOW - 3_600, { 'sacct.json': 'slurm-24.11/sacct.json' }));
    complete(await set(NOW, { 'jobs.json': NEW, 'nodes.json': 'slurm-24.11/scontrol-show-node.json' }));
    const asked = source();
    expect(await asked.accounting({ from: 0, to: 2 ** 32 }, nothing, never)).toMatchObject({
      observedAt: (NOW - 3_600) * 1_000,
    });
    expect(await asked.nodes(nothing, never)).toMatchObject({ observedAt: NOW * 1_000, skippedCount: 0 });
  });

  it('is not one of a clock that goes wrong, nor something else in the directory', async () => {
    complete(await set(NOW, { 'jobs.json': NEW }));
    complete(await set(NOW + 86_400, { 'jobs.json': OLD }));
    complete(await set('latest', { 'jobs.json': OLD }));
    await writeFile(join(directory, String(NOW + 1)), '');
    expect(await jobsOf(source())).toMatchObject({ slurmVersion: '24.11.5' });
  });

  it('may hold text, told by what is in it', async () => {
    complete(
      await set(NOW, {
        'jobs.json': 'slurm-24.11/scontrol-show-job.txt',
        'nodes.txt': 'slurm-24.11/scontrol-show-node.txt',
        'sacct.psv': 'slurm-24.11/sacct.psv',
      }),
    );
    const asked = source();
    expect((await jobsOf(asked)).jobs.length).toBeGreaterThan(10);
    expect((await asked.nodes(nothing, never)).records).toBeGreaterThan(3);
    expect((await asked.accounting({ from: 0, to: 2 ** 32 }, nothing, never)).records).toBeGreaterThan(10);
  });

  it('is what the script in docs makes', async () => {
    const commands = await FakeCommands.create();
    await commands.write('squeue', `cat ${fixturePath(NEW)}`);
    await commands.write('scontrol', `cat ${fixturePath('slurm-24.11/scontrol-show-node.json')}`);
    await commands.write('sacct', `cat ${fixturePath('slurm-24.11/sacct.json')}`);
    const text = await readFile(new URL('./file-source.ts', import.meta.url), 'utf8');
    const script = text
      .split('\n')
      .filter((line) => line.startsWith(' *     '))
      .map((line) => line.slice(7))
      .join('\n');
    expect(script).toContain('/srv/clockwork/mila');
    const old = join(directory, '1000000000');
    await mkdir(old);
    await utimes(old, 1_000_000_000, 1_000_000_000);
    const path = join(commands.directory, 'cron.sh');
    await writeFile(path, script.replace('/srv/clockwork/mila', directory));
    await promisify(execFile)('sh', ['-eu', path], { env: { PATH: `${commands.directory}:/usr/bin:/bin` } });
    const asked = source();
    expect((await jobsOf(asked)).records).toBeGreaterThan(10);
    expect((await asked.nodes(nothing, never)).records).toBeGreaterThan(3);
    expect((await asked.accounting({ from: 0, to: 2 ** 32 }, nothing, never)).records).toBeGreaterThan(10);
    await expect(readFile(old)).rejects.toThrow('ENOENT');
    await commands.remove();
  });
});

describe('accounting', () => {
  it('answers for the jobs that are asked for, and for the time', async () => {
    complete(await set(NOW, { 'sacct.json': 'slurm-24.11/sacct.json' }));
    const all: JobRecord[] = [];
    await source().accounting({ from: 0, to: 2 ** 32 }, (batch) => void all.push(...batch), never);
    const task = all.find(({ arrayJobId }) => arrayJobId !== null);
    const single = all.find(({ arrayJobId }) => arrayJobId === null);
    const found: string[] = [];
    const jobIds = [task?.arrayJobId ?? '', single?.jobId ?? ''];
    const reading = await source().accounting(
      { jobIds },
      (batch) => void found.push(...batch.map(({ jobId }) => jobId)),
      never,
    );
    const expected = all.filter(({ jobId, arrayJobId }) => jobIds.includes(jobId) || jobIds.includes(arrayJobId ?? ''));
    expect(found.sort()).toEqual(expected.map(({ jobId }) => jobId).sort());
    expect(expected.length).toBeGreaterThan(2);
    expect(reading.records).toBe(expected.length);

    const ends = all.map(({ endTime }) => endTime ?? Infinity).sort((a, b) => a - b);
    const from = ends[Math.floor(ends.length / 2)] ?? 0;
    const later: JobRecord[] = [];
    await source().accounting({ from, to: 2 ** 32 }, (batch) => void later.push(...batch), never);
    expect(later).toHaveLength(all.filter(({ endTime }) => (endTime ?? Infinity) >= from).length);
    expect(later.length).toBeLessThan(all.length);
  });

  it('may be missing', async () => {
    complete(await set(NOW, { 'jobs.json': NEW }));
    expect(await failure(source().accounting({ jobIds: ['1'] }, nothing, never))).toMatchObject({
      kind: 'no_accounting',
    });
  });
});

describe('a directory that cannot be read', () => {
  it('has no complete set', async () => {
    await set(NOW, { 'jobs.json': NEW });
    const error = await failure(source().jobs(nothing, never));
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(error.message).toMatch(/no complete reading.*jobs\.json/);
  });

  it('is not there', async () => {
    await rm(directory, { recursive: true });
    expect(await failure(source().jobs(nothing, never))).toMatchObject({ kind: 'unreachable' });
  });

  it('has a file that was written to after the set was complete: nothing of it is taken', async () => {
    const path = await set(NOW, { 'jobs.json': NEW });
    complete(path);
    await appendFile(join(path, 'jobs.json'), ' ');
    let taken = 0;
    const error = await failure(source().jobs((batch) => void (taken += batch.length), never));
    expect(error).toMatchObject({ kind: 'unreadable' });
    expect(error.message).toMatch(/not what the file `complete`/);
    expect(taken).toBe(0);
  });

  it('has a file that changes while it is read', async () => {
    const path = await set(NOW, {});
    // Large enough to come in several pieces, so that there is a while.
    const record = (id: number): string =>
      `{"job_id": ${id}, "job_state": ["RUNNING"], "comment": "${'x'.repeat(1_000)}"}`;
    const body = `{"jobs": [${Array.from({ length: 2_000 }, (_, id) => record(id + 1)).join(',')}], "errors": []}`;
    await writeFile(join(path, 'jobs.json'), body);
    complete(path);
    let changed = false;
    const take = async (): Promise<void> => {
      if (changed) return;
      changed = true;
      await writeFile(join(path, 'jobs.json'), body.replaceAll('RUNNING', 'PENDING'));
    };
    expect(await failure(source().jobs(take, never))).toMatchObject({ kind: 'unreadable' });
  });

  it('has a file that is too large', async () => {
    complete(await set(NOW, { 'jobs.json': NEW }));
    expect(await failure(source({ ...LIMITS, outputLimitBytes: 100 }).jobs(nothing, never))).toMatchObject({
      kind: 'too_large',
    });
  });

  it.each(['a link to elsewhere', 'a pipe'])('has %s for a file', async (what) => {
    const path = await set(NOW, {});
    const file = join(path, 'jobs.json');
    if (what === 'a pipe') execFileSync('mkfifo', [file]);
    else await symlink(fixturePath(NEW), file);
    const hash = createHash('sha256')
      .update(what === 'a pipe' ? '' : await readFile(fixturePath(NEW)))
      .digest('hex');
    await writeFile(join(path, 'complete'), `${hash}  jobs.json\n`);
    const error = await failure(source({ ...LIMITS, timeLimitMs: 2_000 }).jobs(nothing, never));
    expect(['unreadable', 'unreachable']).toContain(error.kind);
  });

  it.each(['garbage', '', '../../../etc/passwd'])('has a manifest that names %j', async (line) => {
    const path = await set(NOW, { 'jobs.json': NEW });
    await writeFile(join(path, 'complete'), `${'0'.repeat(64)}  ${line}\n`);
    expect(await failure(source().jobs(nothing, never))).toMatchObject({ kind: 'unreachable' });
  });
});
