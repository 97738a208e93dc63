import { type CliAnswer, type ClockworkService, startService } from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';

let service: ClockworkService;

beforeAll(async () => {
  service = await startService();
});

afterAll(() => service.stop());

const users = (...args: string[]): Promise<CliAnswer> => service.cli(['users', ...args]);

/** What succeeds says nothing to scripts. */
async function done(...args: string[]): Promise<void> {
  expect(await users(...args)).toMatchObject({ code: 0, stdout: '' });
}

/** What fails says why to people, without a stack, and nothing to scripts. */
async function failed(args: string[], reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await users(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/^\s+at /m);
}

async function listed(): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await users('list');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return jsonLines(stdout);
}

async function user(email: string): Promise<Record<string, unknown> | undefined> {
  return (await listed()).find((each) => each['mila_email_username'] === email);
}

describe('users add', () => {
  it('keeps what it is told, the address in lower case, and list prints it as an import takes it', async () => {
    await done('add', 'Ada@Example.ORG', '--cluster-username', 'Ada', '--cc-username', 'ada01', '--admin');
    expect(await user('ada@example.org')).toStrictEqual({
      mila_email_username: 'ada@example.org',
      mila_cluster_username: 'Ada',
      cc_account_username: 'ada01',
      status: 'enabled',
      admin: true,
      clusters: null,
    });
  });

  it('without options adds a user who has no other names, is no admin and sees all clusters', async () => {
    await done('add', 'plain@example.org');
    expect(await user('plain@example.org')).toStrictEqual({
      mila_email_username: 'plain@example.org',
      mila_cluster_username: null,
      cc_account_username: null,
      status: 'enabled',
      admin: false,
      clusters: null,
    });
  });

  it('fails for one who is there, in whatever case, and changes nothing of them', async () => {
    await done('add', 'twice@example.org', '--cluster-username', 'twice');
    await failed(
      ['add', 'TWICE@example.org', '--cluster-username', 'twice', '--admin'],
      /twice@example\.org already.*users set/,
    );
    expect(await user('twice@example.org')).toMatchObject({ mila_cluster_username: 'twice', admin: false });
  });

  it.each(['ada', 'a b@example.org'])('refuses %j as an address', (address) =>
    failed(['add', address], /is not an e-mail address/),
  );

  it('refuses a username that the user filter could not ask for, and adds nobody', async () => {
    await failed(['add', 'odd@example.org', '--cluster-username', 'a,b'], /cannot be a username/);
    expect(await user('odd@example.org')).toBeUndefined();
  });
});

describe('users set', () => {
  it('changes what is named and nothing else; "" takes a name back', async () => {
    await done('add', 'set@example.org', '--cluster-username', 'setc', '--cc-username', 'setcc', '--clusters', 'mila');
    await done('set', 'SET@example.org', '--cc-username', '', '--admin');
    expect(await user('set@example.org')).toStrictEqual({
      mila_email_username: 'set@example.org',
      mila_cluster_username: 'setc',
      cc_account_username: null,
      status: 'enabled',
      admin: true,
      clusters: ['mila'],
    });
    await done('set', 'set@example.org', '--no-admin');
    expect(await user('set@example.org')).toMatchObject({ admin: false, mila_cluster_username: 'setc' });
  });

  it('fails for a user who is not there', () => failed(['set', 'nobody@example.org', '--admin'], /no user nobody@/));
});

describe('--clusters', () => {
  it('is a list, "*" is all, "" is none; the API goes by it at once', async () => {
    await service.load({
      jobs: ['mila', 'beluga', 'narval'].map((cluster_name) => ({
        slurm: { cluster_name, job_id: '1', job_state: 'RUNNING' },
      })),
    });
    const key = await service.keyOf('sees@example.org', ['--clusters', 'mila, narval']);
    const seen = async () =>
      ((await service.request('/jobs/list', { key })).body as { slurm: { cluster_name: string } }[]).map(
        ({ slurm }) => slurm.cluster_name,
      );
    expect(await user('sees@example.org')).toMatchObject({ clusters: ['mila', 'narval'] });
    expect(await seen()).toEqual(['mila', 'narval']);
    await done('set', 'sees@example.org', '--clusters', '');
    expect(await user('sees@example.org')).toMatchObject({ clusters: [] });
    expect(await seen()).toEqual([]);
    await done('set', 'sees@example.org', '--clusters', '*');
    expect(await user('sees@example.org')).toMatchObject({ clusters: null });
    expect(await seen()).toEqual(['beluga', 'mila', 'narval']);
  });
});

describe('a name of one kind', () => {
  it('belongs to one user, is free once it is taken back, and may be the same as one of another kind', async () => {
    await done('add', 'first@example.org', '--cluster-username', 'shared');
    await failed(
      ['add', 'second@example.org', '--cluster-username', 'shared'],
      /mila_cluster_username "shared" belongs to another user/,
    );
    expect(await user('second@example.org')).toBeUndefined();
    await done('add', 'second@example.org', '--cc-username', 'shared');
    await failed(['set', 'first@example.org', '--cc-username', 'shared'], /cc_account_username "shared" belongs/);
    await done('set', 'first@example.org', '--cluster-username', '');
    await done('set', 'second@example.org', '--cluster-username', 'shared');
    expect(await user('second@example.org')).toMatchObject({
      mila_cluster_username: 'shared',
      cc_account_username: 'shared',
    });
  });

  it('fills in the other names of its jobs when the command is done, and takes them out again', async () => {
    await service.load({
      jobs: [
        {
          slurm: { cluster_name: 'mila', job_id: '77', job_state: 'RUNNING', mila_cluster_username: 'late' },
        },
      ],
    });
    const key = await service.keyOf('reader@example.org');
    const names = async () =>
      (await service.request('/jobs/one?job_id=77', { key })).body as { cw: Record<string, unknown> };
    await done('add', 'late@example.org', '--cluster-username', 'late', '--cc-username', 'late01');
    expect((await names()).cw).toMatchObject({
      mila_email_username: 'late@example.org',
      mila_cluster_username: 'late',
      cc_account_username: 'late01',
    });
    await done('set', 'late@example.org', '--cluster-username', '');
    expect((await names()).cw).toMatchObject({
      mila_email_username: null,
      mila_cluster_username: 'late',
      cc_account_username: null,
    });
  });
});

describe('users disable and enable', () => {
  it('refuse and take all keys of a user at once', async () => {
    const keys = [await service.keyOf('off@example.org'), await service.keyOf('off@example.org')];
    const statuses = () => Promise.all(keys.map(async (key) => (await service.request('/gpu/list', { key })).status));
    expect(await statuses()).toEqual([200, 200]);
    await done('disable', 'OFF@example.org');
    expect(await statuses()).toEqual([401, 401]);
    expect(await user('off@example.org')).toMatchObject({ status: 'disabled' });
    await done('enable', 'off@example.org');
    expect(await statuses()).toEqual([200, 200]);
  });

  it.each(['disable', 'enable'])('%s fails for a user who is not there', (command) =>
    failed([command, 'nobody@example.org'], /no user nobody@/),
  );
});

describe('several commands at once', () => {
  it('that add the same user: one does, the others are told', async () => {
    const answers = await Promise.all(
      ['same1', 'same2', 'same3'].map((name) => users('add', 'same@example.org', '--cluster-username', name)),
    );
    expect(answers.map(({ code }) => code).sort()).toEqual([0, 1, 1]);
    for (const { code, stderr } of answers) if (code === 1) expect(stderr).toMatch(/same@example\.org already/);
  });

  it('that change different things of a user all take effect', async () => {
    await done('add', 'both@example.org');
    await Promise.all([
      done('set', 'both@example.org', '--admin'),
      done('set', 'both@example.org', '--cc-username', 'both01'),
      done('set', 'both@example.org', '--clusters', 'mila'),
      done('disable', 'both@example.org'),
    ]);
    expect(await user('both@example.org')).toMatchObject({
      admin: true,
      cc_account_username: 'both01',
      clusters: ['mila'],
      status: 'disabled',
    });
  });
});
