import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from '../../test/support/seeded-fast-check.js';
import { stringify } from 'yaml';
import { ConfigurationError } from '#libs/common';
import { clustersOf, readClustersFile } from './clusters-file.js';

const FILE = '/etc/clockwork/clusters.yaml';

function problemsOf(text: string): string[] {
  try {
    clustersOf(text, FILE);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${FILE}:`, ''));
  }
}

/** A file with one cluster that has these lines besides a name, a kind of account and a time zone. */
function withLines(...lines: string[]): string {
  const all = ['name: mila', 'account_kind: mila', 'time_zone: America/Toronto', ...lines];
  return `clusters:\n  - ${all.join('\n    ')}\n`;
}

describe('clustersOf', () => {
  it('fills in every default', () => {
    expect(clustersOf(withLines('command:'), FILE)).toEqual([
      {
        name: 'mila',
        accountKind: 'mila',
        timeZone: 'America/Toronto',
        intervalMs: 30_000,
        unknownAfterMs: 3_600_000,
        leaveOut: { partitions: [], accounts: [] },
        source: { kind: 'command', prefix: [], environment: {} },
        limits: { timeLimitMs: 60_000, outputLimitBytes: 1024 ** 3 },
      },
    ]);
  });

  it('takes everything', () => {
    const text = withLines(
      'interval: 2m',
      'unknown_after: 6h',
      'leave_out:',
      '  partitions: [debug, "1"]',
      '  accounts: [root]',
      'time_limit: 90s',
      'output_limit: 256MiB',
      'ssh:',
      '  host: slurm@login',
      '  options: [-F, /etc/ssh/clockwork]',
      '  prefix: [sudo, -n]',
      '  environment: { SLURM_CONF: /etc/slurm/a.conf, EMPTY_IS_NOT: "0" }',
    );
    expect(clustersOf(text, FILE)[0]).toEqual({
      name: 'mila',
      accountKind: 'mila',
      timeZone: 'America/Toronto',
      intervalMs: 120_000,
      unknownAfterMs: 21_600_000,
      leaveOut: { partitions: ['debug', '1'], accounts: ['root'] },
      source: {
        kind: 'ssh',
        host: 'slurm@login',
        options: ['-F', '/etc/ssh/clockwork'],
        prefix: ['sudo', '-n'],
        environment: { SLURM_CONF: '/etc/slurm/a.conf', EMPTY_IS_NOT: '0' },
      },
      limits: { timeLimitMs: 90_000, outputLimitBytes: 256 * 1024 ** 2 },
    });
  });

  it.each([
    ['command: {}', { kind: 'command', prefix: [], environment: {} }],
    ['command: { prefix: [chroot, /srv] }', { kind: 'command', prefix: ['chroot', '/srv'], environment: {} }],
    ['file: { directory: reports }', { kind: 'file', directory: '/etc/clockwork/reports' }],
    [
      'slurmrestd: { socket: ../run/s.sock }',
      { kind: 'slurmrestd', address: { socket: '/etc/run/s.sock' }, token: null, user: null },
    ],
    [
      'slurmrestd: { url: "https://slurm.example.org:6820/", token_file: /run/jwt, user: clockwork }',
      {
        kind: 'slurmrestd',
        address: { url: 'https://slurm.example.org:6820' },
        token: { file: '/run/jwt' },
        user: 'clockwork',
      },
    ],
    [
      'slurmrestd: { url: "http://localhost:6820", token_command: [scontrol, token] }',
      {
        kind: 'slurmrestd',
        address: { url: 'http://localhost:6820' },
        token: { command: ['scontrol', 'token'] },
        user: null,
      },
    ],
  ])('takes the source %s, with relative paths from its directory', (line, source) => {
    expect(clustersOf(withLines(line), FILE)[0]?.source).toEqual(source);
  });

  it('takes aliases', () => {
    const text = `clusters:
  - name: mila
    account_kind: mila
    time_zone: &zone America/Toronto
    command: &slurm { environment: { SLURM_CONF: /a } }
  - name: beluga
    account_kind: cc
    time_zone: *zone
    command: *slurm
`;
    const [mila, beluga] = clustersOf(text, FILE);
    expect(beluga).toEqual({ ...mila, name: 'beluga', accountKind: 'cc' });
  });

  it('tells of every problem at once, in the order of the file, with its place', () => {
    const text = `clusters:
  - name: a,b
    account_kind: lab
    time_zone: Mars/Olympus
    intervall: 30s
    interval: 30
    time_limit: 2h
    leave_out: { partition: [debug] }
    command: {}
  - name: beluga
    interval: 1s
    file: {}
    ssh: { host: -oProxyCommand=x }
  - name: beluga
    account_kind: cc
    account_kind: mila
    time_zone: -05:00
`;
    const problems = problemsOf(text).map((problem) => /^\d+:\d+: \S+: .{0,30}/.exec(problem)?.[0]);
    expect(problems).toEqual([
      '2:11: clusters[0].name: has a comma in it; it takes a ',
      '3:19: clusters[0].account_kind: is something else; it takes mi',
      '4:16: clusters[0].time_zone: is no time zone that is known ',
      '5:5: clusters[0].intervall: is not known here; known are n',
      '6:15: clusters[0].interval: is 30, which is text only in q',
      '7:17: clusters[0].time_limit: is out of range; it takes 1s t',
      '8:18: clusters[0].leave_out.partition: is not known here; known are p',
      '10:5: clusters[1].account_kind: is missing; it takes mila or c',
      '10:5: clusters[1].time_zone: is missing; it takes an IANA t',
      '11:15: clusters[1].interval: is out of range; it takes 5s t',
      '12:11: clusters[1].file: is a source beside ssh; a clus',
      '13:18: clusters[1].ssh.host: is no host; it takes a host as',
      '14:5: clusters[2]: says of no source how its Slur',
      '14:11: clusters[2].name: is the name of clusters[1] too',
      '16:5: clusters[2].account_kind: is given twice; it may be give',
      '17:16: clusters[2].time_zone: is no time zone that is known ',
    ]);
  });

  it('says in each what is taken', () => {
    expect(problemsOf(withLines('command:', 'interval: soon'))).toEqual([
      '6:15: clusters[0].interval: is not a whole number with a unit; it takes 5s to 1h, such as 30s.',
    ]);
  });

  it.each([
    ['', /^1:1: clusters: is missing; it takes a list of 1 to 64 clusters\.$/],
    ['# nothing\n', /^1:1: clusters: is missing/],
    ['clusters:\n', /^1:10: clusters: is empty; it takes a list of clusters/],
    ['clusters: []\n', /^1:11: clusters: is empty; it takes a list of clusters/],
    ['[]\n', /^1:1: is a list; it takes the keys clusters\.$/],
    ['clusters: { mila: {} }\n', /^1:11: clusters: is a mapping; it takes a list of clusters/],
    ['clusters: [mila]\n', /^1:12: clusters\[0\]: is the text "mila"; it takes the keys name, /],
    ['clusters:\n\t- name: mila\n', /^2:1: is no YAML: Tabs are not allowed as indentation/],
    ['clusters: [\n', /^2:1: is no YAML: /],
    ['clusters:\n- &a\n---\nb: c\n', /^3:1: is no YAML: Source contains multiple documents/],
    ['clusters: *all\n', /^1:11: clusters: \*all stands for nothing: no &all before it\.$/],
    ['clusters: &a [*a]\n', /^1:15: clusters\[0\]: is a list; it takes the keys/],
    ['? [a]\n: b\n', /^1:3: has a key that is no text\.$/m],
    ['"a\\nb": 1\n', /^1:1: "a\\nb": is not known here/],
  ])('refuses %j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });

  it.each([
    ['command: { environment: { 1A: x } }', 'command.environment.1A: is no name of a variable'],
    ['command: { environment: { A: 1 } }', 'command.environment.A: is 1, which is text only in quotes; it takes'],
    ['command: { environment: [A] }', 'command.environment: is a list; it takes keys and values'],
    ['command: { prefix: sudo -n }', 'command.prefix: is the text "sudo -n"; it takes a list of words'],
    ['command: { prefix: [""] }', 'command.prefix[0]: is empty; it takes one word'],
    ['command: { prefix: ["\\0"] }', 'command.prefix[0]: has a NUL in it'],
    ['command: { host: a }', 'command.host: is not known here; known are prefix, environment.'],
    ['ssh: { options: [-v] }', 'ssh.host: is missing; it takes a host'],
    ['ssh: { host: a b }', 'ssh.host: is no host'],
    ['file: {}', 'file.directory: is missing'],
    ['file: { directory: ~/reports }', 'file.directory: begins with ~, which only a shell knows'],
    ['slurmrestd:', 'slurmrestd: has no address; it takes either the path of a socket or a url.'],
    ['slurmrestd: { socket: a, url: "http://localhost" }', 'slurmrestd.url: is given beside socket'],
    [`slurmrestd: { socket: ${'s'.repeat(120)} }`, 'slurmrestd.socket: is the path of a socket of 135 bytes'],
    ['slurmrestd: { url: "localhost:6820" }', 'slurmrestd.url: is no URL of this kind'],
    ['slurmrestd: { url: "ftp://localhost" }', 'slurmrestd.url: is no URL of this kind'],
    ['slurmrestd: { url: "http://a:b@localhost" }', 'slurmrestd.url: has a user or password in it'],
    ['slurmrestd: { url: "http://localhost/?x" }', 'slurmrestd.url: has a ? or # in it'],
    ['slurmrestd: { socket: a, token_file: b, token_command: [c] }', 'slurmrestd.token_command: is given beside'],
    ['slurmrestd: { socket: a, token_command: [] }', 'slurmrestd.token_command: is empty; it takes a list of words'],
    ['slurmrestd: { socket: a, user: "a b" }', 'slurmrestd.user: is no name'],
    ['{ command: }', 'is no YAML'],
    ['name:', 'is given twice'],
    ['output_limit: 1GB', 'output_limit: is not a whole number with a unit; it takes 1MiB to 64GiB, such as 1GiB.'],
    ['output_limit: 65GiB', 'output_limit: is out of range'],
    ['unknown_after: 31d', 'unknown_after: is out of range; it takes 1m to 30d, such as 1h.'],
    ['leave_out: { accounts: [yes, 7] }', 'leave_out.accounts[1]: is 7, which is text only in quotes'],
  ])('refuses %s', (line, problem) => {
    expect(problemsOf(withLines(line)).join('\n')).toContain(problem);
  });

  it('refuses a token that would travel in clear', () => {
    const refused = (url: string, token: string) =>
      problemsOf(withLines(`slurmrestd: { url: "${url}"${token} }`)).some((problem) => problem.includes('plain http'));
    const token = ', token_file: /run/jwt';
    for (const url of [
      'http://slurm.example.org',
      'http://10.0.0.1:6820',
      'http://127.0.0.1.example.org',
      'http://[::2]',
    ]) {
      expect([url, refused(url, token)]).toEqual([url, true]);
      expect([url, refused(url, '')]).toEqual([url, false]);
      expect([url, refused(url.replace('http:', 'https:'), token)]).toEqual([url, false]);
    }
    for (const url of [
      'http://localhost:6820',
      'http://127.0.0.1',
      'http://127.8.9.1',
      'http://127.1',
      'http://[::1]:6820',
    ]) {
      expect([url, refused(url, token)]).toEqual([url, false]);
    }
  });

  it('shows no more than 50 problems, and tells of the rest', () => {
    const problems = problemsOf(Array.from({ length: 80 }, (_, index) => `key${index}: 1\n`).join(''));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toContain('31 more problems are not shown');
  });

  it('takes no more than 64 clusters', () => {
    const list = (count: number) =>
      stringify({
        clusters: Array.from({ length: count }, (_, index) => ({
          name: `c${index}`,
          account_kind: 'cc',
          time_zone: 'UTC',
          command: {},
        })),
      });
    expect(clustersOf(list(64), FILE)).toHaveLength(64);
    expect(problemsOf(list(65))).toEqual([expect.stringContaining('has 65 clusters')]);
  });

  it('is done in no time with a file that is made to take long', () => {
    const keys = (count: number, value: string) =>
      Array.from({ length: count }, (_, index) => `  k${index}: ${value}\n`).join('');
    const started = performance.now();
    expect(problemsOf(`clusters:\n- &c\n${keys(5_000, '*c')}${'- *c\n'.repeat(60)}`)).toHaveLength(51);
    expect(problemsOf(`clusters:\n${keys(10_000, '1')}`)).toHaveLength(1);
    for (const opened of ['[', '{a: ', '- ']) {
      expect(problemsOf(`clusters:\n${opened.repeat(60_000)}`)).toEqual([
        expect.stringMatching(/^2:\d+: is nested more than 64 deep\.$/),
      ]);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('gives back what was written, whatever the texts', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => /^[^,\0]+$/.test(text));
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0')));
    const property = fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), words, (names, prefix) => {
      const file = stringify({
        clusters: names.map((each) => ({ name: each, account_kind: 'cc', time_zone: 'UTC', command: { prefix } })),
      });
      const clusters = clustersOf(file, FILE);
      expect(clusters.map((cluster) => cluster.name)).toEqual(names);
      expect(clusters[0]?.source).toMatchObject({ prefix });
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('never throws anything but what is wrong with the file', () => {
    const text = fc.array(
      fc.constantFrom(
        'clusters:',
        '\n',
        ' ',
        '  ',
        '- ',
        'name: a',
        '&a',
        '*a',
        '{',
        '}',
        '[',
        ']',
        '\t',
        '"',
        '? ',
        ': ',
        '|',
        '!!map',
        '---',
        'command:',
        'null',
        '7',
      ),
    );
    fc.assert(
      fc.property(text, (parts) => {
        expect(problemsOf(parts.join(''))).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('readClustersFile', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clusters-file-'));
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('reads a file, and its paths from where it lies', async () => {
    const file = join(directory, 'clusters.yaml');
    await writeFile(file, withLines('file: { directory: reports }'));
    expect((await readClustersFile(file))[0]?.source).toEqual({ kind: 'file', directory: join(directory, 'reports') });
  });

  it.each([
    ['is not there', null, 'cannot be read: ENOENT'],
    ['is no UTF-8', Buffer.from([0x23, 0xff]), 'is no UTF-8'],
    ['is too large', Buffer.alloc(256 * 1024 + 1, '#'), 'is larger than 256 KiB'],
  ])('refuses one that %s', async (_, content, problem) => {
    const file = join(directory, 'refused.yaml');
    if (content !== null) await writeFile(file, content);
    await expect(readClustersFile(file)).rejects.toThrow(`${file}: ${problem}`);
    await rm(file, { force: true });
  });

  it('refuses a directory, and a device without an end', async () => {
    await expect(readClustersFile(directory)).rejects.toThrow('cannot be read: EISDIR');
    await expect(readClustersFile('/dev/zero')).rejects.toThrow('is larger than 256 KiB');
  });
});
