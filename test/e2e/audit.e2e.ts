import { jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';
import { jsonLines } from '../support/json-lines.js';
import { onTerminal } from '../support/terminal.js';

const ROOT = 'root@example.org';

// Many commands one after another take their time on a busy machine.
jest.setTimeout(120_000);
const OF_THE_COMMAND = {
  who: { email: null, key_id: null, os_user: userInfo().username, host: hostname() },
  from: 'cli',
  request_id: null,
};
type Entry = Record<string, unknown> & { id: string; at: string };

let service: ClockworkService;
let admin: string;
/** Somebody whom no other test knows, and their username. */
let ada: string;
let adaName: string;
let other: string;
/** The newest entry when the test began. */
let mark: string | undefined;

beforeAll(async () => {
  service = await startService();
  admin = await service.keyOf(ROOT, ['--admin']);
});

beforeEach(async () => {
  adaName = `ada${randomBytes(4).toString('hex')}`;
  ada = `${adaName}@example.org`;
  other = `other-of-${ada}`;
  mark = (await audit('?limit=1'))[0]?.id;
});

afterAll(() => service.stop());

function added(email: string): object {
  return {
    mila_email_username: email,
    mila_cluster_username: null,
    cc_account_username: null,
    status: 'enabled',
    admin: false,
    clusters: null,
  };
}

async function audit(query = ''): Promise<Entry[]> {
  const { status, body } = await service.request(`/admin/audit${query}`, { key: admin });
  expect(status).toBe(200);
  return body as Entry[];
}

/** What was done since the test began, oldest first. */
async function done(): Promise<Entry[]> {
  const entries = await audit('?limit=1000');
  return entries
    .slice(
      0,
      entries.findIndex(({ id }) => id === mark),
    )
    .toReversed();
}

const admins = (method: string, path: string, json?: unknown): Promise<ApiAnswer> =>
  service.request(path, { key: admin, method, ...(json === undefined ? {} : { json }) });

const idOf = (key: string): string => key.split('_')[1] ?? '';

async function withDatabase<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

test('every change by a route has an entry that says who, from where, in which request, and what differs', async () => {
  const answers = [
    await admins('POST', '/admin/users', { mila_email_username: ada }),
    await admins('PATCH', `/admin/users/${ada}`, { clusters: ['mila'], mila_cluster_username: adaName }),
    await admins('POST', `/admin/users/${ada}/disable`),
    await admins('POST', `/admin/users/${ada}/enable`),
    await admins('POST', '/admin/keys', { email: ada, name: 'notebook', scope: 'metrics' }),
  ];
  const { id, key } = answers.at(-1)?.body as { id: string; key: string };
  answers.push(await admins('POST', `/admin/keys/${id}/revoke`));
  const { revoked } = answers.at(-1)?.body as { revoked: string };
  const expected = [
    { what: 'user.add', target: ada, before: null, after: added(ada) },
    {
      what: 'user.change',
      target: ada,
      before: { mila_cluster_username: null, clusters: null },
      after: { mila_cluster_username: adaName, clusters: ['mila'] },
    },
    { what: 'user.disable', target: ada, before: { status: 'enabled' }, after: { status: 'disabled' } },
    { what: 'user.enable', target: ada, before: { status: 'disabled' }, after: { status: 'enabled' } },
    {
      what: 'key.create',
      target: id,
      before: null,
      after: { email: ada, name: 'notebook', scope: 'metrics', expires: null },
    },
    {
      what: 'key.revoke',
      target: id,
      before: { email: ada, name: 'notebook', revoked: null },
      after: { email: ada, name: 'notebook', revoked },
    },
  ];
  const entries = await done();
  expect(entries).toStrictEqual(
    expected.map((entry, at) => ({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      who: { email: ROOT, key_id: idOf(admin), os_user: null, host: null },
      ...entry,
      from: '127.0.0.1',
      request_id: answers[at]?.headers['x-request-id'],
    })),
  );
  expect(JSON.stringify(await audit())).not.toContain(key.split('_')[2]);
});

test('every change by a command, an import included, has one that says whose process it was', async () => {
  await service.cli(['users', 'add', ada]);
  await service.cli(['users', 'set', ada, '--admin']);
  await service.cli(['users', 'disable', ada]);
  await service.cli(['users', 'enable', ada]);
  const key = (await service.cli(['keys', 'create', ada, '--expires', '1d'])).stdout.trim();
  await service.cli(['keys', 'revoke', idOf(key)]);
  const users = [{ mila_email_username: ada, admin: false }, { mila_email_username: other }];
  expect((await service.cli(['import', '-'], JSON.stringify({ users }))).code).toBe(0);
  const entries = await done();
  for (const entry of entries) expect(entry).toMatchObject(OF_THE_COMMAND);
  expect(entries.map(({ what, target }) => `${String(what)} ${String(target)}`)).toEqual([
    `user.add ${ada}`,
    `user.change ${ada}`,
    `user.disable ${ada}`,
    `user.enable ${ada}`,
    `key.create ${idOf(key)}`,
    `key.revoke ${idOf(key)}`,
    'data.import -',
    `user.change ${ada}`,
    `user.add ${other}`,
    'data.import -',
  ]);
  expect(entries[1]).toMatchObject({ before: { admin: false }, after: { admin: true } });
});

test('what changes nothing has no entry', async () => {
  await admins('POST', '/admin/users', { mila_email_username: ada, mila_cluster_username: adaName });
  const { id } = (await admins('POST', '/admin/keys', { email: ada })).body as { id: string };
  await admins('POST', `/admin/keys/${id}/revoke`);
  const before = await done();
  expect(before).toHaveLength(3);
  await admins('POST', `/admin/keys/${id}/revoke`);
  await admins('POST', '/admin/keys/beefbeefbeefbeef/revoke');
  await admins('POST', '/admin/users', { mila_email_username: ada });
  await admins('POST', '/admin/users', { mila_email_username: other, mila_cluster_username: adaName });
  await admins('PATCH', `/admin/users/${ada}`, { admin: false });
  await admins('POST', `/admin/users/${ada}/enable`);
  await admins('POST', `/admin/users/${ROOT}/disable`);
  await admins('POST', '/admin/keys', { email: 'nobody@example.org' });
  await service.cli(['users', 'set', ada, '--no-admin']);
  await service.cli(['keys', 'revoke', id]);
  await service.load({ users: [{ mila_email_username: ada }] });
  expect((await done()).filter(({ what }) => what !== 'data.import')).toStrictEqual(before);
});

test('an import has an entry when it begins, and one that tells what it came to', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'clockwork-audit-'));
  try {
    const taken = join(directory, 'taken.json');
    const gpu = { cw_name: 'h901', name: 'acme_h901', vendor: 'acme', ram: 512, tflops_fp32: 99.5 };
    await writeFile(taken, JSON.stringify({ users: [{ mila_email_username: ada }], gpu: [gpu, {}] }));
    const broken = join(directory, 'broken.json');
    await writeFile(broken, `{"users": [{"mila_email_username": "${ada}"}`);
    expect((await service.cli(['import', taken])).code).toBe(1);
    expect((await service.cli(['import', broken])).code).toBe(1);
    const ofImport = { ...OF_THE_COMMAND, what: 'data.import', before: null };
    expect((await done()).filter(({ what }) => what === 'data.import')).toMatchObject([
      { ...ofImport, target: taken, after: { state: 'begun' } },
      { ...ofImport, target: taken, after: { state: 'ended', users_added: 1, gpu_added: 1, gpu_refused: 1 } },
      { ...ofImport, target: broken, after: { state: 'begun' } },
      { ...ofImport, target: broken, after: { state: 'broken off', users_unchanged: 1 } },
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('where an entry cannot be written, nothing is changed', async () => {
  await admins('POST', '/admin/users', { mila_email_username: ada });
  const { id, key } = (await admins('POST', '/admin/keys', { email: ada })).body as { id: string; key: string };
  const statuses = await withDatabase(async (client) => {
    // The database refuses entries from here on.
    await client.db().command({ collMod: 'audit', validator: { never: true } });
    const answers = [
      await admins('POST', '/admin/users', { mila_email_username: other }),
      await admins('PATCH', `/admin/users/${ada}`, { admin: true }),
      await admins('POST', '/admin/keys', { email: ada }),
      await admins('POST', `/admin/keys/${id}/revoke`),
    ];
    await client.db().command({ collMod: 'audit', validator: {} });
    return answers.map(({ status }) => status);
  });
  expect(statuses).toEqual([500, 500, 500, 500]);
  expect((await admins('GET', '/admin/users')).body).toContainEqual(added(ada));
  expect((await admins('GET', `/admin/users/${other}`)).status).toBe(404);
  expect((await admins('GET', `/admin/keys?email=${ada}`)).body).toMatchObject([{ id, revoked: null }]);
  expect((await service.request('/gpu/list', { key })).status).toBe(200);
});

test('changes that meet have an entry each, whose chain leads from the first state to the last', async () => {
  await admins('POST', '/admin/users', { mila_email_username: ada });
  const clusters = Array.from({ length: 12 }, (_, at) => `cluster${at}`);
  const answers = await Promise.all(
    clusters.map((name) => admins('PATCH', `/admin/users/${ada}`, { clusters: [name] })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const steps = (await done()).slice(1).map(({ before, after }) => ({
    before: before as { clusters: unknown },
    after: after as { clusters: unknown },
  }));
  expect(steps).toHaveLength(clusters.length);
  const links = new Map(steps.map(({ before, after }) => [JSON.stringify(before.clusters), after.clusters]));
  let state: unknown = null;
  while (links.has(JSON.stringify(state))) {
    const before = JSON.stringify(state);
    state = links.get(before);
    links.delete(before);
  }
  expect(links.size).toBe(0);
  expect((await admins('GET', `/admin/users/${ada}`)).body).toMatchObject({ clusters: state });
});

describe('attempts at the routes for administrators', () => {
  test('with a valid key that does not have the right have an entry, with the route and nothing of the path', async () => {
    const user = await service.keyOf(ada);
    const secretive = `/admin/users/${encodeURIComponent(admin)}?key=${admin}`;
    const { headers } = await service.request(secretive, { key: user });
    await service.request('/admin/nothing', { key: user, method: 'POST' });
    const entries = (await done()).slice(2);
    expect(entries).toMatchObject([
      {
        who: { email: ada, key_id: idOf(user), os_user: null, host: null },
        what: 'admin.refuse',
        target: 'GET /api/v1/admin/users/:email',
        before: null,
        after: null,
        from: '127.0.0.1',
        request_id: headers['x-request-id'],
      },
      { what: 'admin.refuse', target: 'POST /api/v1/admin/*' },
    ]);
  });

  test('have a bounded number of entries a key; without a valid key they have none', async () => {
    const [first, second] = [await service.keyOf(ada), await service.keyOf(ada)];
    for (let times = 0; times < 30; times += 1) {
      expect((await service.request('/admin/users', { key: first })).status).toBe(403);
    }
    await service.request('/admin/users');
    await service.request('/admin/users', { key: `${admin}x` });
    await service.request('/gpu/list', { key: first });
    await service.request('/admin/users', { key: second });
    const entries = (await done()).filter(({ what }) => what === 'admin.refuse');
    const of = (key: string) => entries.filter(({ who }) => (who as { key_id: string }).key_id === idOf(key)).length;
    expect([of(first), of(second), entries.length]).toEqual([10, 1, 11]);
  });

  test('are refused also where no entry can be written', async () => {
    const user = await service.keyOf(ada);
    await withDatabase(async (client) => {
      await client.db().command({ collMod: 'audit', validator: { never: true } });
      expectProblem(await service.request('/admin/users', { key: user }), 403, /administrator/);
      await client.db().command({ collMod: 'audit', validator: {} });
    });
    expect(service.process.stderr()).toMatch(/a refused attempt could not be noted/);
  });
});

describe('GET audit', () => {
  /** Follows the links from a first page on. */
  async function pagesFrom(query: string): Promise<Entry[][]> {
    const pages: Entry[][] = [];
    for (let path: string | undefined = `/admin/audit${query}`; path !== undefined;) {
      const { body, headers } = await admins('GET', path);
      pages.push(body as Entry[]);
      path = /^<([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
    }
    return pages;
  }

  test('is newest first, filtered, and in pages that together are the whole', async () => {
    await admins('POST', '/admin/users', { mila_email_username: ada });
    for (let round = 0; round < 3; round += 1) {
      await admins('POST', `/admin/users/${ada}/disable`);
      await admins('POST', `/admin/users/${ada}/enable`);
    }
    await service.cli(['users', 'set', ada, '--clusters', 'mila']);
    const here = (await done()).toReversed();
    expect(here).toHaveLength(8);
    const whole = await audit('?limit=1000');
    expect(whole.slice(0, 8)).toStrictEqual(here);
    expect(whole.map(({ at }) => at)).toEqual(
      whole
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const disabled = whole.filter(({ what }) => what === 'user.disable');
    expect(disabled.length).toBeGreaterThanOrEqual(3);
    expect(await audit('?what=user.disable')).toStrictEqual(disabled);
    const byCommand = (entry: Entry) => entry['from'] === 'cli';
    expect(await audit(`?limit=1000&who=${userInfo().username}`)).toStrictEqual(whole.filter(byCommand));
    expect((await audit(`?who=${ROOT.toUpperCase()}`)).slice(0, 7)).toStrictEqual(here.slice(1));
    expect(await audit('?limit=1000&since=1h')).toStrictEqual(whole);
    expect(await audit(`?since=${here[2]?.at ?? ''}`)).toStrictEqual(here.slice(0, 3));
    expect(await audit('?since=2100-01-01T00:00:00Z')).toEqual([]);
    const pages = await pagesFrom('?limit=2&what=user.disable');
    expect(pages.slice(0, -1).every(({ length }) => length === 2)).toBe(true);
    expect(pages.flat()).toStrictEqual(disabled);
    expect((await pagesFrom('?limit=1')).flat()).toStrictEqual(whole);
  });

  test('is 400 that names the parameter for a value that is none', async () => {
    const refused = async (query: string, detail: RegExp) => {
      expectProblem(await admins('GET', `/admin/audit?${query}`), 400, detail);
    };
    await refused('since=yesterday', /^since: .*7d/);
    await refused('since=2026-01-05', /^since: /);
    await refused('what=user', /^what: must be one of user\.add, /);
    await refused('limit=0', /^limit: must be/);
    await refused('before=1', /^before: is not a cursor/);
    await refused('who=', /^who: .*empty/);
  });

  test('holds no secret and no hash, and neither does any other collection', async () => {
    const { key } = (await admins('POST', '/admin/keys', { email: ROOT })).body as { key: string };
    const secrets = [admin, key].map((each) => each.slice(20));
    await withDatabase(async (client) => {
      const hashes = await client.db().collection('api_keys').distinct('hash');
      expect(hashes.length).toBeGreaterThanOrEqual(2);
      const collections = await client.db().collections();
      expect(collections.map(({ collectionName }) => collectionName)).toContain('audit');
      for (const collection of collections) {
        const stored = JSON.stringify(await collection.find().toArray());
        for (const secret of secrets) expect(stored).not.toContain(secret);
        if (collection.collectionName !== 'api_keys') for (const hash of hashes) expect(stored).not.toContain(hash);
      }
    });
  });

  test('takes no other method, and there is no route to one entry', async () => {
    const [entry] = await audit('?limit=1');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expectProblem(await admins(method, '/admin/audit'), 405, /it takes GET, HEAD/);
      expectProblem(await admins(method, `/admin/audit/${entry?.id ?? ''}`), 404, /nothing at this path/);
    }
    expect(await audit()).toContainEqual(entry);
  });
});

describe('clockwork audit', () => {
  test('prints one entry a line, as the route gives them, and takes its filters', async () => {
    await admins('POST', '/admin/users', { mila_email_username: ada });
    const printed = async (...args: string[]): Promise<unknown[]> => {
      const { code, stdout, stderr } = await service.cli(['audit', ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return jsonLines(stdout);
    };
    const whole = await audit();
    expect(await printed()).toStrictEqual(whole);
    expect(await printed('--since', '7d', '--who', ROOT, '--what', 'user.add', '--limit', '5')).toStrictEqual(
      whole.filter(({ who, what }) => (who as { email: unknown }).email === ROOT && what === 'user.add').slice(0, 5),
    );
    expect(await printed('--limit', '2')).toStrictEqual(whole.slice(0, 2));
  });

  test.each([
    ['--since', 'x'],
    ['--what', 'x'],
    ['--limit', '0'],
    ['--limit', '10001'],
    ['--delete', 'all'],
  ])('%s %s is wrong usage', async (...args) => {
    expect(await service.cli(['audit', ...args])).toMatchObject({ code: 2, stdout: '' });
  });

  test('is a table on a terminal', async () => {
    await service.cli(['users', 'add', ada]);
    const terminal = onTerminal(service.environment, ['audit']);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    const output = terminal.stdout();
    expect(output).toMatch(/^at +who +what +target/m);
    expect(output).toMatch(new RegExp(`${userInfo().username}@${hostname()} +user\\.add +${ada.replace('.', '\\.')}`));
  });
});

test('entries are kept for CLOCKWORK_AUDIT_KEEP, also where it has changed since', async () => {
  const kept = () =>
    withDatabase(async (client) => {
      const indexes = await client.db().collection('audit').indexes();
      return indexes.find(({ name }) => name === 'retention');
    });
  expect(await kept()).toMatchObject({ key: { at: 1 }, expireAfterSeconds: 730 * 86_400 });
  const shorter = await startApi({ ...service.environment, CLOCKWORK_AUDIT_KEEP: '90d' });
  expect(await kept()).toMatchObject({ key: { at: 1 }, expireAfterSeconds: 90 * 86_400 });
  await shorter.stop();
  await service.cli(['users', 'list']);
  expect(await kept()).toMatchObject({ expireAfterSeconds: 90 * 86_400 });
});
