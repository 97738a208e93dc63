import { readFile } from 'node:fs/promises';
import { type CliAnswer, newDatabase, runCli } from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';
import { onTerminal } from '../support/terminal.js';

/** Help and wrong usage are told before any database is looked for: this one does not exist. */
const WITHOUT_DATABASE = { ...process.env, LOG_FORMAT: 'json', MONGODB_URI: 'mongodb://127.0.0.1:9/' };

const clockwork = (...args: string[]): Promise<CliAnswer> => runCli(WITHOUT_DATABASE, args);

/** The commands that a help text lists. */
function subcommands(help: string): string[] {
  const [, list = ''] = /^Commands:\n((?: .*\n)*)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name = '']) => (name === 'help' ? [] : [name]));
}

/** The help of a command and of all below it, by their words. */
async function helpTexts(words: readonly string[]): Promise<Map<string, string>> {
  const { code, stdout, stderr } = await clockwork(...words, '--help');
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  const below = await Promise.all(subcommands(stdout).map((name) => helpTexts([...words, name])));
  return new Map([[words.join(' '), stdout], ...below.flatMap((texts) => [...texts])]);
}

describe('--help', () => {
  it('of every command says how it is used, what it does and what each argument and option means', async () => {
    const texts = await helpTexts([]);
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        'users add',
        'users set',
        'users list',
        'users disable',
        'users enable',
        'keys create',
        'keys list',
        'keys revoke',
        'import',
        'export',
        'archive',
        'db status',
        'db backup',
        'db restore',
        'demo',
      ]),
    );
    for (const [command, text] of texts) {
      const [usage, blank, description] = text.split('\n');
      expect(usage).toContain(`Usage: clockwork ${command}`.trim());
      expect([blank, description]).toEqual(['', expect.stringMatching(/\w+ \w+/) as string]);
      // Each entry of a list: its name, two spaces, and words that explain it.
      for (const [entry] of text.matchAll(/^ {2}(?:-|<|\[|[a-z]+ (?:\[|<)).*(?:\n {4,}.*)*/gm)) {
        expect(entry).toMatch(/ {2,}\S+ \S+/);
      }
    }
    for (const command of ['', 'users add', 'users set', 'keys create', 'audit', 'import', 'export', 'db backup']) {
      expect(texts.get(command)).toMatch(/^ {2}(?:KEY=\$\()?clockwork \w+/m);
    }
    expect(texts.get('')).toMatch(/stdout.*\n?.*stderr[^]*Exit: 0 .* 1 .* 2 /);
    expect(texts.get('')).toMatch(/MONGODB_URI[^]*CLOCKWORK_DATA_DIR[^]*\.env/);
    expect(texts.get('keys create')).toMatch(/s, m, h, d, w/);
    expect(texts.get('import')).toMatch(/--replace-user-dicts/);
  }, 120_000);
});

describe('--version', () => {
  it('prints that of the package alone, for a script', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await clockwork('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage', () => {
  it.each([
    ['no command', []],
    ['half a command', ['users']],
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['users', 'list', '--all']],
    ['a missing argument', ['keys', 'create']],
    ['an argument too many', ['users', 'add', 'a@example.org', 'b@example.org']],
    ["an option's missing value", ['users', 'add', 'a@example.org', '--clusters']],
  ])('(%s) is exit 2, said on stderr alone', async (_case, args) => {
    const { code, stdout, stderr } = await clockwork(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/error: |Usage: /);
    expect(stderr).toMatch(/--help/);
  });
});

describe('on a terminal', () => {
  it('lists are tables with a head, and JSON lines elsewhere', async () => {
    const environment = { ...process.env, LOG_FORMAT: 'json', MONGODB_URI: newDatabase() };
    await runCli(environment, ['users', 'add', 'long-address@example.org', '--clusters', 'mila,beluga']);
    await runCli(environment, ['users', 'add', 'b@example.org', '--cluster-username', 'bee', '--clusters', '']);
    await runCli(environment, ['keys', 'create', 'b@example.org', '--name', 'note book']);

    const users = onTerminal(environment, ['users', 'list']);
    expect(await users.ended).toMatchObject({ code: 0 });
    const [head = '', ...rows] = users.stdout().trimEnd().split('\r\n');
    expect(head.split(/ {2,}/)).toEqual([
      'mila_email_username',
      'mila_cluster_username',
      'cc_account_username',
      'status',
      'admin',
      'clusters',
    ]);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['b@example.org', 'bee', '-', 'enabled', 'false', '(none)'],
      ['long-address@example.org', '-', '-', 'enabled', 'false', 'mila,beluga'],
    ]);
    // A column begins at one place.
    expect(new Set([head, ...rows].map((line) => line.search(/status|enabled/))).size).toBe(1);

    const keys = onTerminal(environment, ['keys', 'list']);
    expect(await keys.ended).toMatchObject({ code: 0 });
    expect(keys.stdout()).toMatch(
      /^id +email +name +scope +created +expires +last_used +revoked\r\n[0-9a-f]{16} {2}b@/,
    );

    const { stdout } = await runCli(environment, ['users', 'list']);
    expect(jsonLines(stdout).map((each) => each['mila_email_username'])).toEqual([
      'b@example.org',
      'long-address@example.org',
    ]);
  });
});

describe('db status', () => {
  it('says where the data is and what there is of it, as one object', async () => {
    const environment = { ...process.env, LOG_FORMAT: 'json', MONGODB_URI: newDatabase() };
    const { code } = await runCli(
      environment,
      ['import', '-'],
      JSON.stringify({
        users: [{ mila_email_username: 'a@example.org' }],
        jobs: ['1', '2'].map((job_id) => ({ slurm: { cluster_name: 'mila', job_id, job_state: 'RUNNING' } })),
      }),
    );
    expect(code).toBe(0);
    const status = await runCli(environment, ['db', 'status']);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(status.stdout)).toEqual([
      {
        kind: 'external',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
        database: expect.stringMatching(/^e2e_/) as string,
        schema: 1,
        indexes: true,
        jobs: 2,
        nodes: 0,
        gpu: 0,
        users: 1,
        data_bytes: expect.any(Number) as number,
      },
    ]);
  });
});
