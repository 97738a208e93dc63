import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exchange } from '../support/api-client.js';
import { newDatabase } from '../support/clockwork-service.js';
import { listeningPorts } from '../support/embedded-processes.js';
import { type WatchedProcess, watchProcess } from '../support/process-output.js';

const API = fileURLToPath(new URL('../../dist/apps/api/main.js', import.meta.url));
const VARIABLES = [
  'HOST',
  'PORT',
  'MONGODB_URI',
  'CLOCKWORK_DATA_DIR',
  'MONGOD',
  'CLOCKWORK_CLUSTERS',
  'CLOCKWORK_AUDIT_KEEP',
  'CLOCKWORK_ARCHIVE_AFTER',
  'CLOCKWORK_ARCHIVE_KEEP',
  'TLS_CERT',
  'TLS_KEY',
  'TRUST_PROXY',
  'CLOCKWORK_CORS_ORIGINS',
  'CLOCKWORK_KEY_RATE',
  'CLOCKWORK_ADDRESS_RATE',
  'CLOCKWORK_FAILED_KEY_RATE',
  'CLOCKWORK_LISTS_PER_KEY',
  'CLOCKWORK_CONNECTIONS',
  'CLOCKWORK_CONNECTIONS_PER_ADDRESS',
  'CLOCKWORK_HEADERS_TIMEOUT',
  'CLOCKWORK_REQUEST_TIMEOUT',
  'CLOCKWORK_KEEP_ALIVE_TIMEOUT',
  'CLOCKWORK_IDLE_TIMEOUT',
  'LOG_LEVEL',
  'LOG_FORMAT',
  'CLOCKWORK_DATABASE_WAIT',
  'CLOCKWORK_DRAIN',
  'CLOCKWORK_CLOSING',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];

let directory: string;
const started: WatchedProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-configuration-'));
});

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});

afterAll(() => rm(directory, { recursive: true }));

/** Starts the API in an empty directory with these variables alone. */
function launch(environment: NodeJS.ProcessEnv, cwd = directory): WatchedProcess {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !VARIABLES.includes(name)));
  const watched = watchProcess(process.execPath, [API], { cwd, env: { ...others, ...environment } });
  started.push(watched);
  return watched;
}

/** What a process that must not start says on stderr. */
async function refusal(environment: NodeJS.ProcessEnv): Promise<string> {
  const refused = launch({ MONGODB_URI: newDatabase(), PORT: '0', ...environment });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stdout()).toBe('');
  expect(refused.stderr()).not.toMatch(/\n\s+at /);
  return refused.stderr();
}

/** Values that are wrong by their form: they are told before anything is tried. */
const WRONG_FORM: [name: string, value: string, message: RegExp][] = [
  ['PORT', '80a', /^PORT is "80a"; it takes a port number from 0 to 65535/m],
  ['PORT', '-1', /^PORT is "-1"; it takes/m],
  ['PORT', '65536', /^PORT is "65536"; it takes/m],
  ['PORT', '3e3', /^PORT is "3e3"; it takes/m],
  ['HOST', 'http://localhost', /^HOST is "http:\/\/localhost"; it takes an address/m],
  ['HOST', 'a b', /^HOST is "a b"; it takes/m],
  ['MONGODB_URI', 'localhost:27017', /^MONGODB_URI takes a connection string that starts with mongodb:\/\//m],
  ['MONGODB_URI', 'http://localhost', /^MONGODB_URI takes/m],
  ['MONGODB_URI', 'mongodb://', /^MONGODB_URI takes/m],
  ['MONGOD', '/nowhere/mongod', /^MONGOD is "\/nowhere\/mongod"; it takes the path of a mongod binary/m],
  ['CLOCKWORK_CLUSTERS', '/nowhere/c.yaml', /^CLOCKWORK_CLUSTERS is "\/nowhere\/c.yaml"; it takes the path of a YAML/m],
  ['CLOCKWORK_AUDIT_KEEP', '1h', /^CLOCKWORK_AUDIT_KEEP is "1h"; it takes a number and a unit .* from 1d to 9999d/m],
  [
    'CLOCKWORK_ARCHIVE_AFTER',
    '1h',
    /^CLOCKWORK_ARCHIVE_AFTER is "1h"; it takes a number and a unit .* from 1d to 9999d/m,
  ],
  [
    'CLOCKWORK_ARCHIVE_KEEP',
    '10y',
    /^CLOCKWORK_ARCHIVE_KEEP is "10y"; it takes a number and a unit .* from 1d to 9999d/m,
  ],
  ['TLS_CERT', '/nowhere/c.pem', /^TLS_CERT is "\/nowhere\/c.pem"; it takes the path of a PEM file/m],
  ['TRUST_PROXY', 'true', /^TRUST_PROXY is "true"; it takes addresses and CIDRs of proxies/m],
  ['CLOCKWORK_CORS_ORIGINS', '*', /^CLOCKWORK_CORS_ORIGINS is "\*"; it takes origins/m],
  ['CLOCKWORK_KEY_RATE', '5/s', /^CLOCKWORK_KEY_RATE is "5\/s"; it takes requests a minute/m],
  ['CLOCKWORK_CONNECTIONS', '-1', /^CLOCKWORK_CONNECTIONS is "-1"; it takes a whole number/m],
  ['CLOCKWORK_IDLE_TIMEOUT', '30', /^CLOCKWORK_IDLE_TIMEOUT is "30"; it takes a number and a unit/m],
  ['LOG_LEVEL', 'verbose', /^LOG_LEVEL is "verbose"; it takes one of fatal, error, warn, info, debug, trace, silent/m],
  ['LOG_LEVEL', 'INFO', /^LOG_LEVEL is "INFO"; it takes/m],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', /^OTEL_EXPORTER_OTLP_ENDPOINT takes the http/m],
  ['LOG_FORMAT', 'xml', /^LOG_FORMAT is "xml"; it takes one of pretty, json/m],
  ['CLOCKWORK_DATABASE_WAIT', '2h', /^CLOCKWORK_DATABASE_WAIT is "2h"; it takes a number and a unit .* 0s to 1h/m],
  ['CLOCKWORK_DRAIN', '5', /^CLOCKWORK_DRAIN is "5"; it takes a number and a unit .* 0s to 10m/m],
  ['CLOCKWORK_CLOSING', '0s', /^CLOCKWORK_CLOSING is "0s"; it takes a number and a unit .* 1s to 1h/m],
];

describe('a wrong variable ends the process with exit 1, its name and what it takes:', () => {
  /** What the process says whose nth wrong value of each variable this is: they are told together. */
  const told: string[] = [];

  function turnOf(name: string, value: string): number {
    return WRONG_FORM.filter(([other]) => other === name).findIndex(([, other]) => other === value);
  }

  beforeAll(async () => {
    const turns = Math.max(...WRONG_FORM.map(([name, value]) => turnOf(name, value))) + 1;
    for (let turn = 0; turn < turns; turn += 1) {
      const wrong = WRONG_FORM.filter(([name, value]) => turnOf(name, value) === turn);
      told.push(await refusal(Object.fromEntries(wrong.map(([name, value]) => [name, value]))));
    }
  });

  test.each(WRONG_FORM)('%s=%s', (name, value, message) => {
    expect(told[turnOf(name, value)]).toMatch(message);
  });

  test('several at once, each of them in a line', () => {
    const names = told[0]
      ?.trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    // TLS_CERT has two: there is no such file, and no TLS_KEY.
    expect([...new Set(names)].toSorted()).toEqual([
      'CLOCKWORK_ARCHIVE_AFTER',
      'CLOCKWORK_ARCHIVE_KEEP',
      'CLOCKWORK_AUDIT_KEEP',
      'CLOCKWORK_CLOSING',
      'CLOCKWORK_CLUSTERS',
      'CLOCKWORK_CONNECTIONS',
      'CLOCKWORK_CORS_ORIGINS',
      'CLOCKWORK_DATABASE_WAIT',
      'CLOCKWORK_DRAIN',
      'CLOCKWORK_IDLE_TIMEOUT',
      'CLOCKWORK_KEY_RATE',
      'HOST',
      'LOG_FORMAT',
      'LOG_LEVEL',
      'MONGOD',
      'MONGODB_URI',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'PORT',
      'TLS_CERT',
      'TRUST_PROXY',
    ]);
  });

  test.each([
    ['HOST', '192.0.2.1', /^HOST is "192.0.2.1", which is no address of this machine; it takes/m],
    ['HOST', 'nowhere.invalid', /^HOST is "nowhere.invalid", which is no address of this machine; it takes/m],
    ['MONGODB_URI', 'mongodb://localhost/?nonsense=1', /MONGODB_URI.*nonsense.*Check that/m],
  ])('%s=%s', async (name, value, message) => {
    expect(await refusal({ [name]: value })).toMatch(message);
  });

  test('CLOCKWORK_DATA_DIR, where it is a file', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const talk = await refusal({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: file });
    expect(talk).toContain('CLOCKWORK_DATA_DIR');
  });

  test('MONGODB_URI without repeating the password in it', async () => {
    expect(await refusal({ MONGODB_URI: 'mongo://ada:hunter2@localhost' })).not.toContain('hunter2');
    expect(await refusal({ MONGODB_URI: 'mongodb://ada:hunter2@localhost/?nonsense=1' })).not.toContain('hunter2');
  });
});

test('a PORT in use ends the process with exit 1 and says what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  try {
    expect(await refusal({ PORT: String(port) })).toMatch(
      new RegExp(`^PORT is ${port}, where another process listens .*stop that one, or set PORT to another number`, 'm'),
    );
  } finally {
    other.close();
  }
});

test('what is printed on stdout is one line with the address, once it answers there', async () => {
  const api = launch({ MONGODB_URI: newDatabase(), PORT: '0', LOG_LEVEL: 'trace' });
  const [, url = ''] = await api.printed(/answers at (\S+)/);
  expect((await exchange(url, '/health/ready', {})).status).toBe(200);
  api.child.kill('SIGTERM');
  expect(await api.ended).toEqual({ code: 0, signal: null });
  expect(api.stdout()).toBe(`Clockwork answers at ${url}\n`);
});

test('without HOST it listens on loopback alone', async () => {
  const api = launch({ MONGODB_URI: newDatabase(), PORT: '0' });
  const [, url = ''] = await api.printed(/answers at (\S+)/);
  const { hostname, port } = new URL(url);
  expect(hostname).toBe('127.0.0.1');
  // As /proc/net/tcp has it: the address's bytes in reverse.
  expect(await listeningPorts(Number(api.child.pid))).toEqual([
    `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`,
  ]);
});

test('HOST is where it listens', async () => {
  const api = launch({ MONGODB_URI: newDatabase(), PORT: '0', HOST: '127.0.0.2' });
  const [, url = ''] = await api.printed(/answers at (\S+)/);
  expect(new URL(url).hostname).toBe('127.0.0.2');
  expect((await exchange(url, '/health/live', {})).status).toBe(200);
});

test('an empty variable is as not set', async () => {
  const api = launch({ MONGODB_URI: newDatabase(), PORT: '0', HOST: '', LOG_LEVEL: '', LOG_FORMAT: ' ', MONGOD: '' });
  const [, url = ''] = await api.printed(/answers at (\S+)/);
  expect(new URL(url).hostname).toBe('127.0.0.1');
});

test('a .env in the working directory is read, and the environment wins over it', async () => {
  const withDotEnv = await mkdtemp(join(directory, 'env-'));
  await writeFile(join(withDotEnv, '.env'), `MONGODB_URI=${newDatabase()}\nPORT=0\nHOST=127.0.0.2\n`);
  const fromFile = launch({}, withDotEnv);
  const [, url = ''] = await fromFile.printed(/answers at (\S+)/);
  expect(new URL(url).hostname).toBe('127.0.0.2');
  const overridden = launch({ HOST: '127.0.0.3' }, withDotEnv);
  const [, otherUrl = ''] = await overridden.printed(/answers at (\S+)/);
  expect(new URL(otherUrl).hostname).toBe('127.0.0.3');
});

test('an empty variable of the environment hides that of .env, and is as not set', async () => {
  const withDotEnv = await mkdtemp(join(directory, 'hidden-'));
  const lines = ['MONGODB_URI=mongodb://127.0.0.1:1', 'CLOCKWORK_DATABASE_WAIT=0s', 'HOST=127.0.0.2', 'PORT=0'];
  await writeFile(join(withDotEnv, '.env'), lines.join('\n'));
  const api = launch({ MONGODB_URI: newDatabase(), HOST: '' }, withDotEnv);
  const [, url = ''] = await api.printed(/answers at (\S+)/);
  expect(new URL(url).hostname).toBe('127.0.0.1');
  const embedded = launch({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: '/proc/nowhere' }, withDotEnv);
  expect(await embedded.ended).toEqual({ code: 1, signal: null });
  expect(embedded.stderr()).toContain('CLOCKWORK_DATA_DIR=/proc/nowhere cannot be used');
});
