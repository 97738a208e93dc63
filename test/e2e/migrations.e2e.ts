import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Migration, Migrations } from '#libs/database';
import { API, CLI, newDatabase, runCli } from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';
import { type WatchedProcess, watchProcess } from '../support/process-output.js';
import { type OpenServices, openServices } from '../support/services-in-process.js';
import { onDatabase } from '../support/stored-documents.js';

const environmentOf = (uri: string): NodeJS.ProcessEnv => ({
  ...process.env,
  LOG_FORMAT: 'json',
  PORT: '0',
  MONGODB_URI: uri,
});

const opened: OpenServices[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

/** The migrations of one process more on a database. */
async function processOn(uri: string): Promise<Migrations> {
  const process = await openServices(environmentOf(uri));
  opened.push(process);
  return process.services.get(Migrations);
}

const silent = () => undefined;

/** The one that there is, which every database has behind it, and then these. */
function after(...runs: Migration['run'][]): Migration[] {
  return [silent, ...runs].map((run, at) => ({
    number: at + 1,
    what: `step ${at + 1}`,
    run: run as Migration['run'],
  }));
}

const recordsIn = (uri: string) =>
  onDatabase(uri, (database) => database.collection('migrations').find().sort({ _id: 1 }).toArray());

describe('migrations', () => {
  it('run once and in their order, however many processes start at once', async () => {
    const uri = newDatabase();
    const done: string[] = [];
    const step = (name: string) => async () => {
      done.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      done.push(`${name} ends`);
    };
    const processes = await Promise.all([processOn(uri), processOn(uri), processOn(uri)]);
    await Promise.all(processes.map((each) => each.run(silent, after(step('2'), step('3')))));
    expect(done).toEqual(['2 begins', '2 ends', '3 begins', '3 ends']);
    expect(await recordsIn(uri)).toMatchObject([1, 2, 3].map((_id) => ({ _id, finished: expect.any(Date) as Date })));
  });

  it('go on where they were cut off, and begin none before the one ahead is done', async () => {
    const uri = newDatabase();
    const [first, second] = await Promise.all([processOn(uri), processOn(uri)]);
    const done: string[] = [];
    const cutOff = after(
      async ({ save }) => {
        await save({ next: 7 });
        throw new Error('the machine is gone');
      },
      () => Promise.resolve(void done.push('3')),
    );
    await expect(first.run(silent, cutOff)).rejects.toThrow('the machine is gone');
    expect(await recordsIn(uri)).toMatchObject([{ _id: 1 }, { _id: 2, finished: null, progress: { next: 7 } }]);
    const goesOn = after(
      ({ progress }) => Promise.resolve(void done.push(`2 from ${String(progress?.['next'])}`)),
      () => Promise.resolve(void done.push('3')),
    );
    await second.run(silent, goesOn);
    await first.run(silent, goesOn);
    expect(done).toEqual(['2 from 7', '3']);
  });

  it('are taken over from a process that is gone, which may write no more', async () => {
    const uri = newDatabase();
    const [first, second] = await Promise.all([processOn(uri), processOn(uri)]);
    const leaseEnds = (until: Date) =>
      onDatabase(uri, (database) =>
        database.collection('maintenance').updateOne({ _id: 'lease' as never }, { $set: { until } }),
      );
    let wakeUp: () => void = silent;
    const asleep = new Promise<void>((resolve) => (wakeUp = resolve));
    const sleeper = first.run(
      silent,
      after(async ({ save }) => {
        await leaseEnds(new Date(0));
        await asleep;
        await save({ next: 'from the dead' });
      }),
    );
    const told: string[] = [];
    await new Promise((resolve) => setTimeout(resolve, 300));
    await second.run(
      (message) => told.push(message),
      after(() => Promise.resolve()),
    );
    expect(await recordsIn(uri)).toMatchObject([{ _id: 1 }, { _id: 2, finished: expect.any(Date) as Date }]);
    // By its own clock it holds the lease until it renews it; what it saves of a migration that is over harms nobody.
    wakeUp();
    await sleeper;
    expect(await recordsIn(uri)).toMatchObject([{ _id: 1 }, { _id: 2, finished: expect.any(Date) as Date }]);
  });
});

describe('a process that starts', () => {
  const started: WatchedProcess[] = [];

  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  });

  it('waits for another that migrates, and says for whom', async () => {
    const uri = newDatabase();
    await onDatabase(uri, (database) =>
      database.collection('maintenance').insertOne({
        _id: 'lease' as never,
        holder: 'login7 4711 0',
        doing: 'migrating the database',
        until: new Date(Date.now() + 600_000),
      }),
    );
    const waiting = watchProcess(process.execPath, [CLI, 'db', 'status'], { env: environmentOf(uri) });
    started.push(waiting);
    const said = new Promise<void>((resolve) => {
      waiting.child.stderr?.on('data', () => {
        if (/^Waiting for process 4711 on login7, which is migrating the database$/m.test(waiting.stderr())) resolve();
      });
    });
    await said;
    expect(waiting.stdout()).toBe('');
    await onDatabase(uri, (database) => database.collection('maintenance').deleteMany({}));
    expect(await waiting.ended).toMatchObject({ code: 0 });
    expect(jsonLines(waiting.stdout())).toMatchObject([{ schema: 1 }]);
  });

  it('on a later schema refuses, says what to do, and lets the database be saved and replaced', async () => {
    const uri = newDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-migrations-'));
    try {
      const clockwork = (...args: string[]) => runCli(environmentOf(uri), args);
      expect(await clockwork('users', 'add', 'ada@example.org')).toMatchObject({ code: 0 });
      expect(await clockwork('db', 'backup', join(directory, 'before'))).toMatchObject({ code: 0 });
      await onDatabase(uri, (database) =>
        database.collection('migrations').insertOne({ _id: 99 as never, program: '9.9.9', finished: new Date() }),
      );
      const message =
        /^The database has schema 99, made by Clockwork 9\.9\.9; .* Start that version or a later one, or .*restore/;
      const refused = await clockwork('users', 'list');
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(message);
      const api = watchProcess(process.execPath, [API], { env: environmentOf(uri) });
      started.push(api);
      expect(await api.ended).toMatchObject({ code: 1 });
      expect(api.stdout()).toBe('');
      expect(api.stderr()).toMatch(new RegExp(message.source, 'm'));

      const saved = await clockwork('db', 'backup', join(directory, 'later'));
      expect(jsonLines(saved.stdout)).toMatchObject([{ schema: 99 }]);
      const undone = await clockwork('db', 'restore', join(directory, 'later'), '--replace');
      expect(undone).toMatchObject({ code: 1, stdout: '' });
      expect(undone.stderr).toMatch(/schema 99/);
      const restored = await clockwork('db', 'restore', join(directory, 'before'), '--replace');
      expect(restored).toMatchObject({ code: 0 });
      expect(jsonLines((await clockwork('db', 'status')).stdout)).toMatchObject([{ schema: 1, users: 1 }]);
    } finally {
      await rm(directory, { recursive: true });
    }
  }, 120_000);
});
