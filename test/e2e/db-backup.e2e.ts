import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Document } from 'mongodb';
import { readConfiguration } from '#libs/common';
import { backUp, openDatabase } from '#libs/database';
import { exchange } from '../support/api-client.js';
import {
  CLI,
  type CliAnswer,
  type ClockworkService,
  newDatabase,
  runCli,
  startService,
} from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { openImports } from '../support/import-in-process.js';
import { jobRecord } from '../support/job-records.js';
import { jsonLines } from '../support/json-lines.js';
import { watchProcess } from '../support/process-output.js';
import { everythingIn, onDatabase } from '../support/stored-documents.js';

/** What people have put there. */
const DATA = ['jobs', 'jobs_archive', 'nodes', 'users', 'api_keys'];

let service: ClockworkService;
let key: string;
let directory: string;

/** Most of these start many processes one after another. */
const PATIENCE_MS = 180_000;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  directory = await mkdtemp(join(tmpdir(), 'clockwork-backup-'));
}, PATIENCE_MS);

afterAll(async () => {
  await service.stop();
  await rm(directory, { recursive: true });
}, PATIENCE_MS);

const on = (uri: string): NodeJS.ProcessEnv => ({ ...service.environment, MONGODB_URI: uri });

function adasJob(job_id: string, slurm: Record<string, unknown> = {}) {
  return jobRecord({ slurm: { job_id, ...slurm }, cw: { mila_cluster_username: 'ada' }, user: { count: 0 } });
}

async function backup(name: string): Promise<string> {
  const path = join(directory, name);
  expect(await service.cli(['db', 'backup', path])).toMatchObject({ code: 0 });
  return path;
}

/** What must not be done, and why not. */
function refused(answer: CliAnswer, message: RegExp): void {
  expect({ code: answer.code, stdout: answer.stdout }).toEqual({ code: 1, stdout: '' });
  expect(answer.stderr).toMatch(message);
  expect(answer.stderr).not.toMatch(/\n\s+at /);
}

describe('a backup that is restored into another database', () => {
  it(
    'is the same to the byte, with its indexes, whatever is in the dicts',
    async () => {
      const odd =
        '{"a.b":1,"$set":{"_bsontype":"Long"},"__proto__":{"x":1.0},"":18446744073709551615,"n":-0.0,"u":"😀"}';
      await service.load({
        jobs: [adasJob('1'), adasJob('2', { end_time: '2024-05-01T12:00:00-04:00', job_state: 'COMPLETED' })],
        nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-a001', gres: 'gpu:rtx8000:2' } }],
        gpu: [{ cw_name: 'h900', name: 'acme_h900', vendor: 'acme', ram: 512, tflops_fp32: 99.5 }],
      });
      const json = `{"job_id":"1","update_pairs":${odd}}`;
      const update = await fetch(`${service.url}${BASE}/jobs/user_dict_update`, {
        method: 'PUT',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: json,
      });
      expect(update.status).toBe(200);

      const path = join(directory, 'same');
      const answer = await service.cli(['db', 'backup', path]);
      expect(answer).toMatchObject({ code: 0 });
      const source = await everythingIn(service.environment['MONGODB_URI']);
      const documents = [...source.values()].reduce((sum, each) => sum + each.documents.length, 0);
      expect(jsonLines(answer.stdout)).toEqual([
        expect.objectContaining({ directory: path, consistent: true, documents, collections: source.size }),
      ]);

      const uri = newDatabase();
      expect(await runCli(on(uri), ['db', 'restore', path])).toMatchObject({ code: 0 });
      const restored = await everythingIn(uri);
      // What tells of the restore is new.
      expect(restored.get('audit')?.documents.splice(source.get('audit')?.documents.length ?? 0)).toHaveLength(1);
      expect(restored).toEqual(source);
      for (const name of ['jobs', 'nodes', 'gpu', 'users', 'api_keys', 'settings', 'migrations']) {
        expect(source.get(name)?.documents.length).toBeGreaterThan(0);
      }
    },
    PATIENCE_MS,
  );

  it(
    'is of one instant, with every write that was acknowledged before, while writers go on',
    async () => {
      const imports = await openImports(service.environment);
      try {
        const replacement = (number: number) => {
          const submit_time = new Date(Date.UTC(2024, 5, 1) + number * 60_000).toISOString();
          return adasJob('9', { name: `generation ${number}`, submit_time });
        };
        // Read first, a good while before the archive that has what it replaced: torn, where they are not of one instant.
        await imports.load({ jobs: [replacement(0)] });
        await imports.load({
          jobs: Array.from({ length: 8_000 }, (_, at) => adasJob(String(10_000 + at), { comment: 'x'.repeat(2_000) })),
        });
        const writers = new AbortController();
        let acknowledged = 0;
        let generation = 1;
        const updating = (async () => {
          while (!writers.signal.aborted) {
            const json = { job_id: '10000', update_pairs: { count: acknowledged + 1 } };
            const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
            if (answer.status !== 200) throw new Error(answer.text);
            acknowledged += 1;
          }
        })();
        // Each takes the place of the one before, which goes to the archive.
        const replacing = (async () => {
          while (!writers.signal.aborted) {
            await imports.load({ jobs: [replacement(generation)] });
            generation += 1;
          }
        })();
        while (acknowledged < 5 || generation < 5) await sleep(20);
        const before = { acknowledged, generation };
        const path = await backup('running');
        const after = { acknowledged, generation };
        writers.abort();
        await Promise.all([updating, replacing]);
        expect(after.acknowledged).toBeGreaterThan(before.acknowledged + 5);
        expect(after.generation).toBeGreaterThan(before.generation + 5);

        const uri = newDatabase();
        expect(await runCli(on(uri), ['db', 'restore', path])).toMatchObject({ code: 0 });
        await onDatabase(uri, async (database) => {
          const updated = await database.collection('jobs').findOne({ 'slurm.job_id': '10000' });
          const { count } = updated?.['user'] as { count: number };
          expect(count).toBeGreaterThanOrEqual(before.acknowledged);
          expect(count).toBeLessThanOrEqual(after.acknowledged + 1);

          const name = (job: Document | null) => Number(/\d+/.exec((job?.['slurm'] as { name: string }).name)?.[0]);
          const current = await database.collection('jobs').findOne({ 'slurm.job_id': '9' });
          const archived = (await database.collection('jobs_archive').find({ 'slurm.job_id': '9' }).toArray()).map(
            name,
          );
          const inside = current?.['predecessor'] === undefined ? [] : [name(current['predecessor'] as Document)];
          const latest = name(current);
          expect(latest).toBeGreaterThanOrEqual(before.generation - 1);
          expect([...new Set([...archived, ...inside])].sort((a, b) => a - b)).toEqual(
            Array.from({ length: latest }, (_, at) => at),
          );
          expect(await database.collection('jobs').countDocuments({ 'slurm.job_id': /^1\d{4}$/ })).toBe(8_000);
        });
      } finally {
        await imports.close();
      }
    },
    PATIENCE_MS,
  );

  it(
    'is for its owner alone',
    async () => {
      const path = await backup('modes');
      expect((await stat(path)).mode & 0o777).toBe(0o700);
      for (const file of await readdir(path)) expect((await stat(join(path, file))).mode & 0o777).toBe(0o600);
    },
    PATIENCE_MS,
  );
});

describe('a backup', () => {
  it(
    'is not written over anything, and leaves nothing unfinished',
    async () => {
      const path = join(directory, 'filled');
      await mkdir(path);
      await writeFile(join(path, 'other'), 'kept');
      refused(await service.cli(['db', 'backup', path]), /filled is not empty: name a directory/);
      expect(await readdir(path)).toEqual(['other']);
      refused(await service.cli(['db', 'backup', join(directory, 'missing', 'deep')]), /missing.*ENOENT/);
      expect((await readdir(directory)).filter((name) => name.includes('unfinished'))).toEqual([]);
      const empty = join(directory, 'empty');
      await mkdir(empty);
      await backup('empty');
    },
    PATIENCE_MS,
  );

  it(
    'of a server without snapshots is taken only where that is wanted, and says what it is',
    async () => {
      const database = await openDatabase(readConfiguration(service.environment), () => undefined);
      const lone = { ...database, members: 'lone' as const };
      const talk = { report: () => undefined };
      try {
        const path = join(directory, 'lone');
        await expect(backUp(lone, path, { inconsistent: false, ...talk })).rejects.toThrow(/--inconsistent/);
        expect(await readdir(directory)).not.toContain('lone');
        expect(await backUp(lone, path, { inconsistent: true, ...talk })).toMatchObject({ consistent: false });
      } finally {
        await database.close();
      }
    },
    PATIENCE_MS,
  );
});

describe('a restore', () => {
  it(
    'that is refused touches nothing: data that is there, a damaged file, a later schema, no backup',
    async () => {
      const path = await backup('whole');
      const uri = newDatabase();
      await runCli(on(uri), ['users', 'add', 'bob@example.org']);
      const untouched = await everythingIn(uri);
      const restored = (from: string, ...options: string[]) => runCli(on(uri), ['db', 'restore', from, ...options]);

      refused(await restored(path), /holds data already \(users\).*--replace/);
      refused(await restored(join(directory, 'nowhere'), '--replace'), /nowhere holds no backup/);

      const manifest = await readFile(join(path, 'manifest.json'), 'utf8');
      await writeFile(join(path, 'manifest.json'), manifest.replace(/"schema": \d+/, '"schema": 4711'));
      refused(await restored(path, '--replace'), /schema 4711.*that version or a later one/);
      await writeFile(join(path, 'manifest.json'), manifest.replace('jobs.bson.zst', '../jobs.bson.zst'));
      refused(await restored(path, '--replace'), /manifest\.json is damaged/);
      await writeFile(join(path, 'manifest.json'), manifest.replace(/("documents": )(\d+)/, '$19$2'));
      refused(await restored(path, '--replace'), /it holds \d+ documents, and the manifest says 9/);
      await writeFile(join(path, 'manifest.json'), manifest);
      await appendFile(join(path, 'users.bson.zst'), 'x');
      refused(await restored(path, '--replace'), /users\.bson\.zst is damaged.*Nothing was restored/);
      expect(await everythingIn(uri)).toEqual(untouched);
    },
    PATIENCE_MS,
  );

  it(
    'with --replace takes the place of all that is there, also in running processes',
    async () => {
      const path = await backup('replace');
      const list = () => exchange(service.url, `${BASE}/jobs/list?limit=3`, { key });
      const before = await list();
      const later = (await service.cli(['keys', 'create', 'ada@example.org'])).stdout.trim();
      expect((await exchange(service.url, `${BASE}/jobs/count`, { key: later })).status).toBe(200);
      await service.load({ jobs: [adasJob('777', { submit_time: '2030-01-01T00:00:00Z' })] });
      await onDatabase(service.environment['MONGODB_URI'], (database) => database.createCollection('later'));
      const changed = await list();
      expect(changed.text).not.toBe(before.text);

      expect(await service.cli(['db', 'restore', path, '--replace'])).toMatchObject({ code: 0 });
      // No tag that was ever given out stands for another body, and the key that was made since is known no more.
      const back = await exchange(service.url, `${BASE}/jobs/list?limit=3`, {
        key,
        headers: { 'If-None-Match': String(changed.headers.etag) },
      });
      expect({ status: back.status, text: back.text }).toEqual({ status: 200, text: before.text });
      expect((await exchange(service.url, `${BASE}/jobs/count`, { key: later })).status).toBe(401);
      const stored = await everythingIn(service.environment['MONGODB_URI']);
      expect([...stored.keys()].filter((name) => name === 'later' || name.startsWith('restoring.'))).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'that is cut off while it puts collections in their places is finished by the next start',
    async () => {
      const uri = newDatabase();
      await runCli(on(uri), ['users', 'add', 'old@example.org']);
      await onDatabase(uri, async (database) => {
        await database.collection('restoring.users').insertOne({ mila_email_username: 'new@example.org' });
        await database.collection('restoring.audit').insertOne({ _id: 'saved' as never, at: new Date(0) });
        await database.collection('leases').insertOne({ _id: 'mila' as never, holder: 'somebody' });
        await database.collection('maintenance').insertOne({
          _id: 'swap' as never,
          restored: ['jobs', 'users'],
          dropped: ['gone', 'nodes'],
          log: { collection: 'audit', entry: { _id: 'restore', at: new Date(1) } },
        });
      });
      const answer = await runCli(on(uri), ['users', 'list']);
      expect(answer.stderr).toBe('Finishing a restore that was cut off\n');
      expect(jsonLines(answer.stdout)).toMatchObject([{ mila_email_username: 'new@example.org' }]);
      await onDatabase(uri, async (database) => {
        expect(await database.collection('maintenance').countDocuments()).toBe(0);
        const log = await database.collection('audit').find({}).sort({ at: 1 }).toArray();
        expect(log).toMatchObject([{ _id: 'saved' }, { _id: 'restore' }, { what: 'user.add' }]);
        expect(await database.collection('leases').countDocuments()).toBe(0);
      });
      expect((await runCli(on(uri), ['users', 'list'])).stderr).toBe('');
    },
    PATIENCE_MS,
  );

  it(
    'takes nothing out of the audit log: what was done since stays, what the backup alone has comes to it, and an entry of its own',
    async () => {
      const uri = newDatabase();
      const log = async (): Promise<Record<string, unknown>[]> =>
        jsonLines((await runCli(on(uri), ['audit'])).stdout).toReversed();
      const names = (entries: Record<string, unknown>[]) =>
        entries.map(({ what, target }) => `${String(what)} ${String(target)}`);
      await runCli(on(uri), ['users', 'add', 'first@example.org']);
      await runCli(on(uri), ['users', 'add', 'second@example.org']);
      const path = join(directory, 'audited');
      expect(await runCli(on(uri), ['db', 'backup', path])).toMatchObject({ code: 0 });
      await runCli(on(uri), ['users', 'add', 'third@example.org']);
      const [first, ...kept] = await log();
      // As the server takes out what is old.
      await onDatabase(uri, (database) => database.collection('audit').deleteOne({ target: 'first@example.org' }));
      expect(await log()).toEqual(kept);

      expect(await runCli(on(uri), ['db', 'restore', path, '--replace'])).toMatchObject({ code: 0 });
      const entries = await log();
      expect(names(entries)).toEqual([
        'user.add first@example.org',
        'user.add second@example.org',
        'user.add third@example.org',
        `data.restore ${path}`,
      ]);
      expect(entries.slice(0, 3)).toEqual([first, ...kept]);
      const manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as { taken: { $date: string } };
      expect(entries[3]).toMatchObject({
        who: { os_user: userInfo().username, host: hostname() },
        from: 'cli',
        before: null,
        after: { taken: manifest.taken.$date, consistent: true },
      });
      const users = await runCli(on(uri), ['users', 'list']);
      expect(users.stdout).not.toContain('third@');

      // Into a database with nothing but a log, and once more.
      await onDatabase(uri, (database) => database.collection('users').deleteMany({}));
      expect(await runCli(on(uri), ['db', 'restore', path])).toMatchObject({ code: 0 });
      expect(names(await log())).toEqual([...names(entries), `data.restore ${path}`]);
    },
    PATIENCE_MS,
  );

  it(
    'that is killed at any moment leaves the old data or the new, whole',
    async () => {
      const path = await backup('killed');
      const uri = newDatabase();
      const data = async (): Promise<string> => {
        expect(await runCli(on(uri), ['db', 'status'])).toMatchObject({ code: 0 });
        const stored = await everythingIn(uri);
        return JSON.stringify(DATA.map((name) => stored.get(name)));
      };
      await runCli(on(uri), ['users', 'add', 'old@example.org']);
      const old = await data();
      const source = await everythingIn(service.environment['MONGODB_URI']);
      const restored = JSON.stringify(DATA.map((name) => source.get(name)));
      for (const wait of [0, 20, 50, 100, 200]) {
        await killedRestore(uri, path, wait);
        expect([old, restored]).toContain(await data());
      }
      expect(await runCli(on(uri), ['db', 'restore', path, '--replace'])).toMatchObject({ code: 0 });
      expect([...(await everythingIn(uri)).keys()].filter((name) => name.startsWith('restoring.'))).toEqual([]);
    },
    PATIENCE_MS,
  );
});

/** Kills a restore at a moment after it has begun to store. */
async function killedRestore(uri: string, path: string, afterMs: number): Promise<void> {
  const watched = watchProcess(process.execPath, [CLI, 'db', 'restore', path, '--replace'], { env: on(uri) });
  await onDatabase(uri, async (database) => {
    const isStaging = async () => (await database.listCollections({ name: /^restoring\./ }).toArray()).length > 0;
    while (!(await isStaging()) && watched.child.exitCode === null) await sleep(2);
  });
  await sleep(afterMs);
  watched.child.kill('SIGKILL');
  await watched.ended;
}
