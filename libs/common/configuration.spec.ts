import { ConfigurationError, readConfiguration } from './configuration.js';
import { EnvironmentReader } from './environment-reader.js';
import { readLimits } from './limits-configuration.js';

function problemsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfiguration(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n');
  }
}

describe('readConfiguration', () => {
  it('has a default for everything', () => {
    expect(readConfiguration({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      mongodbUri: undefined,
      dataDir: './data',
      mongodPath: undefined,
      clustersFile: undefined,
      audit: { keptMs: 730 * 86_400_000 },
      archive: { afterMs: null, keptMs: null },
      limits: readLimits(new EnvironmentReader({})),
      exposure: { tls: undefined, trustProxy: undefined, corsOrigins: [] },
      logLevel: 'info',
      logFormat: process.stderr.isTTY ? 'pretty' : 'json',
      lifecycle: { databaseWaitMs: 30_000, drainMs: 0, closingMs: 5_000 },
      tracing: { endpoint: undefined },
    });
  });

  it('takes every variable', () => {
    const environment = {
      HOST: '::',
      PORT: '0',
      MONGODB_URI: 'mongodb+srv://user:pass@db.example.org/lab',
      CLOCKWORK_DATA_DIR: '/srv/clockwork',
      MONGOD: process.execPath,
      CLOCKWORK_CLUSTERS: process.execPath,
      CLOCKWORK_AUDIT_KEEP: '26w',
      CLOCKWORK_ARCHIVE_AFTER: '52w',
      CLOCKWORK_ARCHIVE_KEEP: '3650d',
      CLOCKWORK_KEY_RATE: '600',
      CLOCKWORK_CORS_ORIGINS: 'https://a.example',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'pretty',
      CLOCKWORK_DATABASE_WAIT: '5m',
      CLOCKWORK_DRAIN: '10s',
      CLOCKWORK_CLOSING: '1m',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.example.org:4318',
    };
    expect(readConfiguration(environment)).toEqual({
      host: '::',
      port: 0,
      mongodbUri: 'mongodb+srv://user:pass@db.example.org/lab',
      dataDir: '/srv/clockwork',
      mongodPath: process.execPath,
      clustersFile: process.execPath,
      audit: { keptMs: 182 * 86_400_000 },
      archive: { afterMs: 364 * 86_400_000, keptMs: 3650 * 86_400_000 },
      limits: { ...readLimits(new EnvironmentReader({})), keyRate: 600 },
      exposure: { tls: undefined, trustProxy: undefined, corsOrigins: ['https://a.example'] },
      logLevel: 'debug',
      logFormat: 'pretty',
      lifecycle: { databaseWaitMs: 300_000, drainMs: 10_000, closingMs: 60_000 },
      tracing: { endpoint: 'https://traces.example.org:4318' },
    });
  });

  it.each(['', '  '])('takes a variable of %j as one that is not set', (value) => {
    const names = [
      'HOST',
      'PORT',
      'MONGODB_URI',
      'CLOCKWORK_DATA_DIR',
      'MONGOD',
      'CLOCKWORK_AUDIT_KEEP',
      'CLOCKWORK_ARCHIVE_AFTER',
      'CLOCKWORK_ARCHIVE_KEEP',
      'LOG_LEVEL',
      'LOG_FORMAT',
    ];
    expect(readConfiguration(Object.fromEntries(names.map((name) => [name, value])))).toEqual(readConfiguration({}));
  });

  it('cannot be changed by who holds it', () => {
    expect(Object.isFrozen(readConfiguration({}))).toBe(true);
  });

  it.each(['-1', '65536', '3000x', '3e3', '0x50', '1.5', 'http', '123456'])('refuses the port %s', (port) => {
    expect(problemsOf({ PORT: port })).toEqual([
      `PORT is ${JSON.stringify(port)}; it takes a port number from 0 to 65535 (0 picks a free one).`,
    ]);
  });

  it.each(['0', '1', '65535', '08080'])('takes the port %s', (port) => {
    expect(readConfiguration({ PORT: port }).port).toBe(Number(port));
  });

  it.each(['http://localhost', 'a b', 'host/path', '[::1]', '*'])('refuses the host %s', (host) => {
    const [problem, ...more] = problemsOf({ HOST: host });
    expect(problem).toContain(`HOST is ${JSON.stringify(host)}; it takes an address or a host name`);
    expect(more).toEqual([]);
  });

  it.each(['0.0.0.0', '::1', 'fe80::1%eth0', 'api.example.org', 'my-host'])('takes the host %s', (host) => {
    expect(readConfiguration({ HOST: host }).host).toBe(host);
  });

  it.each(['postgres://user:hunter2@db', 'mongodb:/user:hunter2@db', 'hunter2', 'mongodb://'])(
    'refuses the connection string %s without repeating it',
    (uri) => {
      const problems = problemsOf({ MONGODB_URI: uri });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^MONGODB_URI takes a connection string that starts with mongodb:\/\//);
      expect(problems[0]).not.toContain('hunter2');
    },
  );

  it.each(['localhost:4318', 'grpc://user:hunter2@traces', 'hunter2'])(
    'refuses the endpoint for traces %s without repeating it',
    (endpoint) => {
      const problems = problemsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^OTEL_EXPORTER_OTLP_ENDPOINT takes the http/);
      expect(problems[0]).not.toContain('hunter2');
    },
  );

  it('refuses a mongod that is not there', () => {
    expect(problemsOf({ MONGOD: '/nowhere/mongod' })).toEqual([
      'MONGOD is "/nowhere/mongod"; it takes the path of a mongod binary, and there is none.',
    ]);
  });

  it('refuses a clusters file that is not there', () => {
    expect(problemsOf({ CLOCKWORK_CLUSTERS: '/nowhere/clusters.yaml' })).toEqual([
      'CLOCKWORK_CLUSTERS is "/nowhere/clusters.yaml"; it takes the path of a YAML file that describes the clusters, and there is none.',
    ]);
  });

  it.each(['12h', '10000d', '90', '-1d', 'for ever'])('refuses to keep the audit log for %s', (duration) => {
    expect(problemsOf({ CLOCKWORK_AUDIT_KEEP: duration })).toEqual([
      `CLOCKWORK_AUDIT_KEEP is ${JSON.stringify(duration)}; it takes a number and a unit (s, m, h, d, w) from 1d to 9999d, such as 730d.`,
    ]);
  });

  it('refuses to delete jobs before they are archived', () => {
    const kept = (CLOCKWORK_ARCHIVE_KEEP: string) => ({ CLOCKWORK_ARCHIVE_AFTER: '365d', CLOCKWORK_ARCHIVE_KEEP });
    expect(problemsOf(kept('366d'))).toEqual([]);
    expect(problemsOf(kept('365d'))).toEqual([
      'CLOCKWORK_ARCHIVE_KEEP counts from the end of a job, as CLOCKWORK_ARCHIVE_AFTER does: it has to be longer.',
    ]);
    expect(problemsOf({ CLOCKWORK_ARCHIVE_AFTER: '6h' })).toEqual([
      'CLOCKWORK_ARCHIVE_AFTER is "6h"; it takes a number and a unit (s, m, h, d, w) from 1d to 9999d, such as 365d.',
    ]);
  });

  it.each(['LOG_LEVEL', 'LOG_FORMAT'])('refuses another %s and lists what it takes', (name) => {
    for (const value of ['loud', 'INFO', 'toString']) {
      expect(problemsOf({ [name]: value })[0]).toMatch(new RegExp(`^${name} is "${value}"; it takes one of \\w+, `));
    }
  });

  it('tells of every wrong variable at once', () => {
    const environment = { PORT: 'x', HOST: '*', MONGODB_URI: 'x', MONGOD: '/x', LOG_LEVEL: 'x', LOG_FORMAT: 'x' };
    const named = problemsOf(environment).map((problem) => problem.split(' ', 1)[0]);
    expect(named.sort()).toEqual(Object.keys(environment).sort());
  });
});
