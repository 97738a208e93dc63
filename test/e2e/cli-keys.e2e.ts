import { MongoClient } from 'mongodb';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { jsonLines } from '../support/json-lines.js';

const KEY_LINE = /^cw_([0-9a-f]{16})_([A-Za-z0-9_-]{43})\n$/;
const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const EMAIL = 'ada@example.org';

let service: ClockworkService;

beforeAll(async () => {
  service = await startService();
  await service.cli(['users', 'add', EMAIL]);
});

afterAll(() => service.stop());

async function create(...options: string[]): Promise<{ key: string; id: string; secret: string }> {
  const { code, stdout } = await service.cli(['keys', 'create', EMAIL, ...options]);
  expect(code).toBe(0);
  const [, id = '', secret = ''] = KEY_LINE.exec(stdout) ?? [];
  expect(stdout).toMatch(KEY_LINE);
  return { key: stdout.trim(), id, secret };
}

async function listed(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await service.cli(['keys', 'list', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return jsonLines(stdout);
}

async function listedKey(id: string): Promise<Record<string, unknown>> {
  return (await listed(EMAIL)).find((key) => key['id'] === id) ?? {};
}

const status = async (key: string) => (await service.request('/gpu/list', { key })).status;

describe('keys create', () => {
  it('prints the key alone on stdout, says on stderr that it is shown once, and the key works at once', async () => {
    const { code, stdout, stderr } = await service.cli(['keys', 'create', 'ADA@example.org', '--name', 'note book']);
    expect(code).toBe(0);
    expect(stdout).toMatch(KEY_LINE);
    expect(stderr).toMatch(/only once/);
    expect(stderr).not.toContain(stdout.trim());
    expect(await status(stdout.trim())).toBe(200);
  });

  it('makes a key for metrics alone, which no other route takes', async () => {
    const { key, id } = await create('--scope', 'metrics');
    const { status: code, body } = await service.request('/gpu/list', { key });
    expect(code).toBe(403);
    expect(body).toMatchObject({ detail: expect.stringContaining('/metrics') as string });
    expect(await listedKey(id)).toMatchObject({ scope: 'metrics' });
    const { code: refused, stderr } = await service.cli(['keys', 'create', EMAIL, '--scope', 'everything']);
    expect(refused).toBe(2);
    expect(stderr).toMatch(/all, metrics/);
  });

  it('stores nothing from which the key could be had', async () => {
    const { secret } = await create();
    const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
    try {
      const collections = await client.db().collections();
      expect(collections.length).toBeGreaterThan(3);
      for (const collection of collections) {
        const stored = JSON.stringify(await collection.find().toArray());
        for (const form of [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')]) {
          expect(stored).not.toContain(form);
        }
      }
    } finally {
      await client.close();
    }
  });

  it('--expires is a time from now, in each unit', async () => {
    for (const [duration, seconds] of [
      ['90s', 90],
      ['5m', 300],
      ['36h', 129_600],
      ['90d', 7_776_000],
      ['2w', 1_209_600],
    ] as const) {
      const before = Date.now();
      const { id } = await create('--name', duration, '--expires', duration);
      const after = Date.now();
      const expires = Date.parse(String((await listedKey(id))['expires']));
      expect(expires).toBeGreaterThanOrEqual(before + seconds * 1000);
      expect(expires).toBeLessThanOrEqual(after + seconds * 1000);
    }
  });

  it('--expires without a number and one of these units is wrong usage, and no key is made', async () => {
    const before = await listed();
    for (const duration of ['90', '90D', '1.5d', '0d', '']) {
      const { code, stdout, stderr } = await service.cli(['keys', 'create', EMAIL, '--expires', duration]);
      expect({ duration, code, stdout }).toEqual({ duration, code: 2, stdout: '' });
      expect(stderr).toMatch(/--expires .*s, m, h, d, w/);
    }
    const late = await service.cli(['keys', 'create', EMAIL, '--expires', '500000w']);
    expect(late).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/--expires .*9999/) as string });
    expect(await listed()).toEqual(before);
  });

  it('fails for a user who is not there, and says how to add one', async () => {
    const { code, stdout, stderr } = await service.cli(['keys', 'create', 'nobody@example.org']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/users add nobody@example\.org/);
  });
});

describe('an expired key', () => {
  it('is refused', async () => {
    const { key } = await create('--expires', '4s');
    expect(await status(key)).toBe(200);
    await eventually(async () => {
      expect(await status(key)).toBe(401);
    }, 10_000);
  });
});

describe('keys list', () => {
  it('prints one object a line with these fields, times in UTC, and no secret', async () => {
    const { key, id, secret } = await create('--name', 'notebook', '--expires', '1d');
    expect(await listedKey(id)).toStrictEqual({
      id,
      email: EMAIL,
      name: 'notebook',
      created: expect.stringMatching(ISO_UTC) as string,
      expires: expect.stringMatching(ISO_UTC) as string,
      last_used: null,
      revoked: null,
    });
    expect((await service.cli(['keys', 'list'])).stdout).not.toContain(secret);
    await status(key);
    await eventually(async () => {
      expect(await listedKey(id)).toMatchObject({ last_used: expect.stringMatching(ISO_UTC) as string });
    });
  });

  it('is of one user where one is named, of all otherwise', async () => {
    await service.keyOf('other@example.org');
    expect(new Set((await listed('OTHER@example.org')).map(({ email }) => email))).toEqual(
      new Set(['other@example.org']),
    );
    expect(new Set((await listed()).map(({ email }) => email))).toEqual(new Set([EMAIL, 'other@example.org']));
  });
});

describe('keys revoke', () => {
  it('refuses the key at once and no other, and again does no harm', async () => {
    const [revoked, kept] = [await create(), await create()];
    expect([await status(revoked.key), await status(kept.key)]).toEqual([200, 200]);
    expect(await service.cli(['keys', 'revoke', revoked.id])).toMatchObject({ code: 0, stdout: '' });
    expect([await status(revoked.key), await status(kept.key)]).toEqual([401, 200]);
    const { revoked: at } = await listedKey(revoked.id);
    expect(at).toMatch(ISO_UTC);
    expect(await service.cli(['keys', 'revoke', revoked.id])).toMatchObject({ code: 0 });
    expect((await listedKey(revoked.id))['revoked']).toBe(at);
  });

  it('fails for an id that no key has', async () => {
    const { code, stderr } = await service.cli(['keys', 'revoke', 'beefbeefbeefbeef']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no key beefbeefbeefbeef/);
  });
});
