import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { API, CLI, newDatabase, runCli, startApi } from '../support/clockwork-service.js';
import { exchange } from '../support/http-exchange.js';
import { eventually } from '../support/eventually.js';
import { watchProcess, type WatchedProcess } from '../support/process-output.js';

/** Longer than an external database is waited for. */
const PATIENCE_MS = 60_000;

interface Listener {
  server: Server;
  port: number;
  sockets: Set<Socket>;
}

async function listener(): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port, sockets };
}

function close({ server, sockets }: Listener): void {
  for (const socket of sockets) socket.destroy();
  server.close();
}

function api(environment: NodeJS.ProcessEnv): WatchedProcess {
  return watchProcess(process.execPath, [API], {
    env: { ...process.env, LOG_FORMAT: 'json', PORT: '0', MONGODB_URI: newDatabase(), ...environment },
  });
}

/** It ends with 1, having said why in words. @returns what it said */
async function refuses(watched: WatchedProcess): Promise<string> {
  expect(await watched.ended).toEqual({ code: 1, signal: null });
  expect(watched.stdout()).toBe('');
  expect(watched.stderr()).not.toMatch(/^\s+at /m);
  return watched.stderr();
}

describe('a database that cannot be used', () => {
  // Both wait for half a minute: at the same time, as everything else here.
  let silent: Listener;
  let unreachable: WatchedProcess;
  let hanging: WatchedProcess;

  beforeAll(async () => {
    silent = await listener();
    unreachable = api({ MONGODB_URI: 'mongodb://ada:hunter2@127.0.0.1:9/lab' });
    hanging = watchProcess(process.execPath, [CLI, 'users', 'list'], {
      env: { ...process.env, MONGODB_URI: `mongodb://127.0.0.1:${silent.port}/lab` },
    });
  });

  afterAll(() => {
    close(silent);
  });

  it('a connection string that is none is refused at once, without what it holds', async () => {
    for (const uri of ['postgres://ada:hunter2@db/lab', 'mongodb://ada:hunter2@:x/lab', 'mongodb://h/lab?bad=1']) {
      const said = await refuses(api({ MONGODB_URI: uri }));
      expect(said).toMatch(/MONGODB_URI/);
      expect(said).not.toContain('hunter2');
    }
  });

  it(
    'a signal while it is waited for ends the process at once',
    async () => {
      const watched = api({ MONGODB_URI: 'mongodb://127.0.0.1:9/lab' });
      await eventually(async () => {
        await Promise.resolve();
        expect(watched.stderr()).toMatch(/^Waiting for the database of MONGODB_URI, \d+ s at most: /m);
      }, PATIENCE_MS);
      const toldAt = performance.now();
      watched.child.kill('SIGINT');
      expect(await watched.ended).toEqual({ code: null, signal: 'SIGINT' });
      expect(performance.now() - toldAt).toBeLessThan(5_000);
    },
    PATIENCE_MS,
  );

  it(
    'one that nobody serves is waited for, then named, without its password',
    async () => {
      const said = await refuses(unreachable);
      expect(said).toMatch(/^Waiting for the database of MONGODB_URI, \d+ s at most: .*ECONNREFUSED 127\.0\.0\.1:9/m);
      expect(said).toMatch(/^The database of MONGODB_URI cannot be used: .*ECONNREFUSED 127\.0\.0\.1:9.*Check /m);
      expect(said).not.toContain('hunter2');
    },
    PATIENCE_MS,
  );

  it(
    'one that accepts and never answers is no reason to hang, for a command neither',
    async () => {
      expect(await refuses(hanging)).toMatch(/^The database of MONGODB_URI cannot be used: .*Check /m);
      expect(silent.sockets.size).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it('a data directory that cannot be had is named, by the API and by a command', async () => {
    const environment = { MONGODB_URI: '', CLOCKWORK_DATA_DIR: '/proc/nowhere' };
    const said = /^CLOCKWORK_DATA_DIR=\/proc\/nowhere cannot be used: .*Set it to .* or MONGODB_URI/m;
    expect(await refuses(api(environment))).toMatch(said);
    const { code, stdout, stderr } = await runCli({ ...process.env, ...environment }, ['users', 'list']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
  });
});

describe('an address that cannot be listened on', () => {
  it('names PORT where it is taken', async () => {
    const taken = await listener();
    expect(await refuses(api({ PORT: String(taken.port) }))).toMatch(new RegExp(`^PORT is ${taken.port}, `, 'm'));
    close(taken);
  });

  it('names HOST where this machine does not have it', async () => {
    // Of a network that is for documentation alone (RFC 5737).
    expect(await refuses(api({ HOST: '192.0.2.1' }))).toMatch(/^HOST is "192\.0\.2\.1", .*127\.0\.0\.1/m);
  });
});

describe('several processes that start on an empty database at once', () => {
  it(
    'all do, and each has what it needs',
    async () => {
      const environment = { ...process.env, LOG_FORMAT: 'json', PORT: '0', MONGODB_URI: newDatabase() };
      const [apis, commands] = await Promise.all([
        Promise.all([startApi(environment), startApi(environment)]),
        Promise.all(['a', 'b'].map((name) => runCli(environment, ['users', 'add', `${name}@example.org`]))),
      ]);
      for (const { code, stderr } of commands) {
        expect(code).toBe(0);
        // One of the four sets the database up; whether a command has to wait for it is chance.
        expect(stderr).toMatch(/^(Waiting for process \d+ on \S+, which is migrating the database\n)?$/);
      }
      for (const {
        url,
        process: { child, ended },
      } of apis) {
        expect(await exchange(url, '/health/ready', {})).toMatchObject({ status: 200, body: { status: 'yes' } });
        child.kill('SIGTERM');
        expect(await ended).toEqual({ code: 0, signal: null });
      }
    },
    PATIENCE_MS,
  );
});

describe('a log that nobody reads any more', () => {
  it(
    'does not end the API',
    async () => {
      const watched = api({});
      watched.child.stderr?.destroy();
      const [, url = ''] = await watched.printed(/answers at (\S+)/);
      // Each leaves a line in the log.
      for (let number = 0; number < 5; number += 1) {
        expect(await exchange(url, '/health/ready', {})).toMatchObject({ status: 200 });
      }
      watched.child.kill('SIGTERM');
      expect(await watched.ended).toEqual({ code: 0, signal: null });
    },
    PATIENCE_MS,
  );

  it('does not break off a command', async () => {
    const environment = { ...process.env, MONGODB_URI: newDatabase() };
    const watched = watchProcess(process.execPath, [CLI, 'import', '-'], { env: environment, stdio: 'pipe' });
    watched.child.stderr?.destroy();
    const bad = Array.from({ length: 100 }, () => ({ mila_email_username: 7 }));
    watched.child.stdin?.end(JSON.stringify({ users: [...bad, { mila_email_username: 'last@example.org' }] }));
    expect(await watched.ended).toMatchObject({ code: 1 });
    expect(JSON.parse(watched.stdout())).toMatchObject({ users: { added: 1, refused: 100 } });
  });
});
