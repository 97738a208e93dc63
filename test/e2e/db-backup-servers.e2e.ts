import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '#libs/common';
import { openDatabase } from '#libs/database';
import { type CliAnswer, runCli, startService } from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';
import { jobRecord } from '../support/job-records.js';
import { startLoneMongod } from '../support/lone-mongod.js';

const PATIENCE_MS = 120_000;
const JOBS = 20_000;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-servers-'));
});

afterAll(() => rm(directory, { recursive: true }));

function refused({ code, stdout, stderr }: CliAnswer, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
}

test(
  'a server that gives up the instant half way ends a backup, which says so and leaves nothing',
  async () => {
    const service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: join(directory, 'data') });
    const database = await openDatabase(readConfiguration(service.environment), () => undefined);
    try {
      const jobs = Array.from({ length: JOBS }, (_, at) =>
        jobRecord({ slurm: { job_id: String(at + 1), comment: 'x'.repeat(1_000) } }),
      );
      await service.load({ jobs });
      const admin = database.connection.getClient().db('admin');
      const keepSnapshots = (minSnapshotHistoryWindowInSeconds: number) =>
        admin.command({ setParameter: 1, minSnapshotHistoryWindowInSeconds });
      const backups = join(directory, 'backups-');

      await keepSnapshots(0);
      const over = new AbortController();
      const writing = (async () => {
        for (let round = 0; !over.signal.aborted; round += 1) {
          await database.connection.collection('jobs').updateMany({}, { $set: { round } });
        }
      })();
      // It may be through before the server looks.
      let answer: CliAnswer;
      let tries = 0;
      do {
        tries += 1;
        answer = await service.cli(['db', 'backup', `${backups}${tries}`]);
      } while (answer.code === 0 && tries < 10);
      over.abort();
      await writing;
      refused(answer, /^After \d+ s the server gave up the instant .*\. Nothing was kept\. Try again;.*raise that/m);
      expect((await readdir(directory)).filter((name) => name.startsWith(`backups-${tries}`))).toEqual([]);

      await keepSnapshots(300);
      expect(await service.cli(['db', 'backup', `${backups}${tries}`])).toMatchObject({ code: 0 });
    } finally {
      await database.close();
      await service.stop();
    }
  },
  PATIENCE_MS,
);

test(
  'a lone server is saved only where that is wanted, since it has no snapshots, and restored as any other',
  async () => {
    const mongod = await startLoneMongod(directory);
    const clockwork = (...args: string[]) => runCli({ ...process.env, MONGODB_URI: mongod.uri }, args);
    try {
      expect(await clockwork('users', 'add', 'ada@example.org')).toMatchObject({ code: 0 });
      const path = join(directory, 'lone-backup');
      refused(await clockwork('db', 'backup', path), /is no replica set, and has no snapshots.*--inconsistent/);
      expect(await readdir(directory)).not.toContain('lone-backup');
      const saved = await clockwork('db', 'backup', path, '--inconsistent');
      expect(jsonLines(saved.stdout)).toMatchObject([{ consistent: false }]);

      expect(await clockwork('users', 'add', 'bob@example.org')).toMatchObject({ code: 0 });
      expect(await clockwork('db', 'restore', path, '--replace')).toMatchObject({ code: 0 });
      const users = jsonLines((await clockwork('users', 'list')).stdout);
      expect(users).toMatchObject([{ mila_email_username: 'ada@example.org' }]);
      const audit = jsonLines((await clockwork('audit')).stdout) as { what: string }[];
      expect(audit.map(({ what }) => what)).toEqual(['data.restore', 'user.add', 'user.add']);
    } finally {
      await mongod.stop();
    }
  },
  PATIENCE_MS,
);
