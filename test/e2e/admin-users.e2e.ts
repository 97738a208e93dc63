import { randomBytes } from 'node:crypto';
import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';

const ROOT = 'root@example.org';

let service: ClockworkService;
let admin: string;

beforeAll(async () => {
  service = await startService();
  admin = await service.keyOf(ROOT, ['--admin']);
});

afterAll(() => service.stop());

const get = (path: string): Promise<ApiAnswer> => service.request(path, { key: admin });
const post = (path: string, json?: unknown): Promise<ApiAnswer> =>
  service.request(path, { key: admin, method: 'POST', ...(json === undefined ? {} : { json }) });
const patch = (email: string, json: unknown): Promise<ApiAnswer> =>
  service.request(pathOf(email), { key: admin, method: 'PATCH', json });
const pathOf = (email: string): string => `/admin/users/${encodeURIComponent(email)}`;

/** An address that no other test has. */
const someone = (): string => `u${randomBytes(4).toString('hex')}@example.org`;

async function added(fields: object = {}): Promise<string> {
  const email = someone();
  expect(await post('/admin/users', { mila_email_username: email, ...fields })).toMatchObject({ status: 201 });
  return email;
}

/** Makes a key by the route. */
async function keyOf(email: string, options: object = {}): Promise<{ key: string; id: string }> {
  const answer = await post('/admin/keys', { email, ...options });
  expect(answer.status).toBe(201);
  return answer.body as { key: string; id: string };
}

const statusWith = async (key: string): Promise<number> => (await service.request('/gpu/list', { key })).status;

describe('POST users', () => {
  it('adds a user, says where they are, and the commands know them', async () => {
    const email = someone();
    const names = { mila_cluster_username: email.slice(0, 9), cc_account_username: `${email.slice(0, 9)}cc` };
    const answer = await post('/admin/users', {
      mila_email_username: email.toUpperCase(),
      ...names,
      clusters: ['mila'],
    });
    expect(answer).toMatchObject({ status: 201, headers: { location: `/api/v1${pathOf(email)}` } });
    const user = { mila_email_username: email, ...names, status: 'enabled', admin: false, clusters: ['mila'] };
    expect(answer.body).toStrictEqual(user);
    expect((await get(String(answer.headers.location))).body).toStrictEqual(user);
    expect((await service.cli(['users', 'list'])).stdout).toContain(JSON.stringify(user));
  });

  it('is 409 for one who is there, in whatever case, and for a name of another', async () => {
    const name = someone().slice(0, 9);
    const email = await added({ mila_cluster_username: name });
    expectProblem(await post('/admin/users', { mila_email_username: email.toUpperCase() }), 409, /already/);
    const other = someone();
    const answer = await post('/admin/users', { mila_email_username: other, mila_cluster_username: name });
    expectProblem(answer, 409, /^mila_cluster_username: .*another user/);
    expectProblem(await get(pathOf(other)), 404, /no user/);
  });

  it.each([
    [{ mila_email_username: 'ada' }, /^mila_email_username: "ada" is not an e-mail address/],
    [{}, /^mila_email_username: it must be/],
    [{ mila_email_username: 5 }, /^mila_email_username: it must be/],
    [{ mila_email_username: 'x@example.org', mila_cluster_username: 'a,b' }, /^mila_cluster_username: "a,b" cannot be/],
    [{ mila_email_username: 'x@example.org', admin: 'yes' }, /^admin: it must be true or false/],
    [{ mila_email_username: 'x@example.org', admin: null }, /^admin: it must be true or false/],
    [{ mila_email_username: 'x@example.org', clusters: 'mila' }, /^clusters: it must be a list/],
    [{ mila_email_username: 'x@example.org', clusters: ['a b'] }, /^clusters: /],
    [{ mila_email_username: 'x@example.org', clusters: Array(101).fill('a') }, /^clusters: .* at most 100/],
    [{ mila_email_username: 'x@example.org', status: 'disabled' }, /^status: is not a field of this; it takes mila_/],
    [{ mila_email_username: 'x@example.org', 'x.y': { admin: true } }, /^"x\.y": is not a field/],
    [['x@example.org'], /^body: must be a JSON object/],
    ['x@example.org', /^body: must be a JSON object/],
  ])('is 400 that names the field for %j, and adds nobody', async (json, detail) => {
    expectProblem(await post('/admin/users', json), 400, detail);
    expectProblem(await get(pathOf('x@example.org')), 404, /no user/);
  });

  it('is 400, 413 or 415 for a body that is none, is too large, or is of another kind', async () => {
    const send = (body: string, type = 'application/json', more = {}) =>
      service.request('/admin/users', {
        key: admin,
        method: 'POST',
        body,
        headers: { 'Content-Type': type, ...more },
      });
    expectProblem(await send('{"mila_email_username": '), 400, /^body: /);
    expectProblem(await send('{"admin": true, "admin": false}'), 400, /^admin: was given more than once/);
    expectProblem(await post('/admin/users'), 400, /^body: must be/);
    expectProblem(await send(`{"mila_email_username": "${'a'.repeat(64 * 1024)}"}`), 413, /64 KiB/);
    expectProblem(await send('{}', 'text/plain'), 415, /application\/json/);
    expectProblem(await send('{}', 'application/json', { 'Content-Encoding': 'gzip' }), 415, /^Content-Encoding/);
  });
});

describe('an e-mail address in a path', () => {
  it.each(["o'neil+x@example.org", 'a/b@example.org', 'a%b@example.org', 'a?b#c@example.org', 'é@example.org'])(
    'may be %j',
    async (email) => {
      expect((await post('/admin/users', { mila_email_username: email })).status).toBe(201);
      expect((await get(pathOf(email))).body).toMatchObject({ mila_email_username: email });
      expect((await patch(email, { clusters: [] })).body).toMatchObject({ mila_email_username: email, clusters: [] });
    },
  );

  it('may be as long as addresses are, in any case, and with a bare @', async () => {
    const email = `${'l'.repeat(242)}@example.org`;
    expect((await post('/admin/users', { mila_email_username: email })).status).toBe(201);
    expect((await get(`/admin/users/${email.toUpperCase()}`)).status).toBe(200);
  });

  it('that cannot be decoded, or is none, is told so', async () => {
    expectProblem(await get('/admin/users/%zz@example.org'), 400, /^path: a percent sign/);
    expectProblem(await get('/admin/users/%00'), 400, /NUL/);
    expectProblem(await get('/admin/users/%7B%22$ne%22:1%7D'), 404, /no user/);
  });
});

describe('PATCH users/{email}', () => {
  it('changes what it is told and nothing else, at once', async () => {
    const email = await added({ cc_account_username: someone().slice(0, 9) });
    const { key } = await keyOf(email);
    expect((await service.request('/admin/users', { key })).status).toBe(403);
    const answer = await patch(email, { admin: true, cc_account_username: null });
    expect(answer).toMatchObject({ status: 200, body: { admin: true, cc_account_username: null, clusters: null } });
    expect((await service.request('/admin/users', { key })).status).toBe(200);
    await patch(email, { admin: false });
    expect((await service.request('/admin/users', { key })).status).toBe(403);
  });

  it('is 404 for nobody, 409 for the name of another, 400 for what is no field or nothing', async () => {
    const name = someone().slice(0, 9);
    await added({ mila_cluster_username: name });
    const email = await added();
    expectProblem(await patch(someone(), { admin: true }), 404, /no user/);
    expectProblem(await patch(email, { mila_cluster_username: name }), 409, /^mila_cluster_username: /);
    expectProblem(await patch(email, { mila_email_username: 'y@example.org' }), 400, /^mila_email_username: is not/);
    expectProblem(await patch(email, { refill: [] }), 400, /^refill: is not a field/);
    expectProblem(await patch(email, {}), 400, /^body: is empty/);
  });

  it('takes part in changes that others make at the same time', async () => {
    const email = await added();
    const answers = await Promise.all([
      patch(email, { admin: true }),
      patch(email, { clusters: ['mila'] }),
      patch(email, { mila_cluster_username: email.slice(0, 9) }),
      post(`${pathOf(email)}/disable`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await get(pathOf(email))).body).toMatchObject({
      admin: true,
      clusters: ['mila'],
      mila_cluster_username: email.slice(0, 9),
      status: 'disabled',
    });
  });
});

describe('disable and enable', () => {
  it('refuse all keys of a user from the next request on, and take them again', async () => {
    const email = await added();
    const { key } = await keyOf(email);
    for (let round = 0; round < 10; round += 1) {
      expect(await statusWith(key)).toBe(200);
      expect((await post(`${pathOf(email)}/disable`)).body).toMatchObject({ status: 'disabled' });
      expect(await statusWith(key)).toBe(401);
      expect((await post(`${pathOf(email)}/enable`)).body).toMatchObject({ status: 'enabled' });
    }
  });

  it('are 404 for nobody', async () => {
    for (const what of ['disable', 'enable']) {
      expectProblem(await post(`${pathOf(someone())}/${what}`), 404, /no user/);
    }
  });
});

describe('nobody locks themselves out', () => {
  it('by disabling themselves, taking their right, or revoking the key that they ask with: 409, and what to do', async () => {
    expectProblem(await post(`${pathOf(ROOT.toUpperCase())}/disable`), 409, /disable yourself.*another administrator/);
    expectProblem(await patch(ROOT, { admin: false }), 409, /right to administer.*another administrator/);
    const [, id = ''] = /^cw_([0-9a-f]+)_/.exec(admin) ?? [];
    expectProblem(await post(`/admin/keys/${id}/revoke`), 409, /Make another one first/);
    expect((await patch(ROOT, { admin: true, clusters: null })).status).toBe(200);
    expect((await get('/admin/users')).status).toBe(200);
  });

  it('a command that leaves no administrator says so', async () => {
    const other = await startService();
    try {
      const only = await other.keyOf(ROOT, ['--admin']);
      const { code, stderr } = await other.cli(['users', 'disable', ROOT]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/Nobody is left who may administer/);
      expect((await other.request('/admin/users', { key: only })).status).toBe(401);
      expect((await other.cli(['users', 'enable', ROOT])).stderr).not.toMatch(/Nobody is left/);
    } finally {
      await other.stop();
    }
  });
});

describe('keys', () => {
  it('are made with a name, an expiry and a scope, shown once, and listed without their secret', async () => {
    const email = await added();
    const before = Date.now();
    const answer = await post('/admin/keys', { email: email.toUpperCase(), name: 'note book', expires: '36h' });
    expect(answer).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    const { key, ...shown } = answer.body as Record<string, unknown>;
    expect(key).toMatch(/^cw_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(shown).toMatchObject({ email, name: 'note book', scope: 'all', last_used: null, revoked: null });
    const expires = Date.parse(String(shown['expires'])) - 36 * 3_600_000;
    expect(expires).toBeGreaterThanOrEqual(before);
    expect(expires).toBeLessThanOrEqual(Date.now());
    const listed = await get(`/admin/keys?email=${encodeURIComponent(email)}`);
    expect(listed.body).toStrictEqual([shown]);
    expect(listed.text).not.toMatch(/hash/);
    expect((await get('/admin/keys')).text).not.toContain(String(key).split('_').at(-1));
    expect(await statusWith(String(key))).toBe(200);
  });

  it('of scope metrics use no other route, nor those of administrators, whoever owns them', async () => {
    const { key } = await keyOf(ROOT, { scope: 'metrics', name: null, expires: null });
    expectProblem(await service.request('/gpu/list', { key }), 403, /\/metrics alone/);
    expectProblem(await service.request('/admin/users', { key }), 403, /\/metrics alone/);
  });

  it('are revoked at once, and again without harm', async () => {
    const email = await added();
    const [revoked, kept] = [await keyOf(email), await keyOf(email)];
    expect([await statusWith(revoked.key), await statusWith(kept.key)]).toEqual([200, 200]);
    const first = await post(`/admin/keys/${revoked.id}/revoke`);
    expect(first).toMatchObject({ status: 200, body: { id: revoked.id, revoked: expect.any(String) as string } });
    expect([await statusWith(revoked.key), await statusWith(kept.key)]).toEqual([401, 200]);
    const again = await post(`/admin/keys/${revoked.id}/revoke`);
    expect((again.body as { revoked: string }).revoked).toBe((first.body as { revoked: string }).revoked);
    expectProblem(await post('/admin/keys/beefbeefbeefbeef/revoke'), 404, /no key beefbeefbeefbeef/);
  });

  it.each([
    [{}, 400, /^email: is needed/],
    [{ email: 'nobody@example.org' }, 404, /^email: There is no user nobody@/],
    [{ email: ROOT, name: 'a\nb' }, 400, /^name: /],
    [{ email: ROOT, name: 'a'.repeat(201) }, 400, /^name: .* 200/],
    [{ email: ROOT, expires: '90' }, 400, /^expires: .*s, m, h, d, w/],
    [{ email: ROOT, expires: '0d' }, 400, /^expires: /],
    [{ email: ROOT, expires: 90 }, 400, /^expires: /],
    [{ email: ROOT, expires: '500000w' }, 400, /^expires: .*9999/],
    [{ email: ROOT, scope: null }, 400, /^scope: must be one of all, metrics/],
    [{ email: ROOT, scope: 'everything' }, 400, /^scope: must be one of all, metrics/],
    [{ email: ROOT, hash: 'a' }, 400, /^hash: is not a field/],
  ])('are not made of %j: %i', async (json, status, detail) => {
    const before = (await get('/admin/keys')).body as object[];
    expectProblem(await post('/admin/keys', json), status, detail);
    expect(((await get('/admin/keys')).body as object[]).length).toBe(before.length);
  });
});

describe('lists come in pages', () => {
  /** Follows the links from a first page on. */
  async function walk(first: string): Promise<Record<string, string>[][]> {
    const pages: Record<string, string>[][] = [];
    for (let path: string | undefined = first; path !== undefined;) {
      const { status, body, headers } = await get(path);
      expect(status).toBe(200);
      pages.push(body as Record<string, string>[]);
      path = /^<([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
    }
    return pages;
  }

  it('that together are the whole list, each no longer than asked', async () => {
    const email = await added();
    for (let made = 0; made < 5; made += 1) await keyOf(email);
    for (const list of ['/admin/users?', '/admin/keys?', `/admin/keys?email=${encodeURIComponent(email)}&`]) {
      const whole = (await get(list.slice(0, -1))).body as object[];
      expect(whole.length).toBeGreaterThanOrEqual(5);
      const pages = await walk(`${list}limit=2`);
      expect(pages.flat()).toStrictEqual(whole);
      expect(pages.slice(0, -1).every(({ length }) => length === 2)).toBe(true);
      expect(pages.length).toBe(Math.ceil(whole.length / 2));
    }
  });

  it('and refuse a size or a place that is none', async () => {
    for (const limit of ['0', '1001', 'x', '1.5', '-1']) {
      expectProblem(await get(`/admin/users?limit=${limit}`), 400, /^limit: must be an integer from 1 to 1000/);
    }
    expectProblem(await get('/admin/keys?after=nothing'), 400, /^after: is not the id of a key/);
    expectProblem(await get('/admin/users?after=a&after=b'), 400, /^after: was given more than once/);
  });
});

describe('who is no administrator', () => {
  const ROUTES: [method: string, path: string][] = [
    ['GET', '/admin/users'],
    ['POST', '/admin/users'],
    ['GET', '/admin/users/root%40example.org'],
    ['PATCH', '/admin/users/root%40example.org'],
    ['POST', '/admin/users/root%40example.org/disable'],
    ['POST', '/admin/users/root%40example.org/enable'],
    ['GET', '/admin/keys'],
    ['POST', '/admin/keys'],
    ['POST', '/admin/keys/beefbeefbeefbeef/revoke'],
    ['GET', '/admin/audit'],
    ['GET', '/admin'],
    ['GET', '/admin/nothing'],
    ['GET', '/admin/users/%zz'],
    ['DELETE', '/admin/users'],
  ];

  it.each(ROUTES)(
    'is refused %s %s: 401 without a key, 403 with one of a user or for metrics',
    async (method, path) => {
      const user = await service.keyOf('user@example.org');
      const { key: metrics } = await keyOf(ROOT, { scope: 'metrics' });
      const json = { mila_email_username: 'made@example.org', admin: true, email: ROOT };
      expectProblem(await service.request(path, { method, json }), 401, /valid API key/);
      expectProblem(await service.request(path, { method, json, key: `${admin}x` }), 401, /valid API key/);
      expectProblem(await service.request(path, { method, json, key: user }), 403, /administrator/);
      expectProblem(await service.request(path, { method, json, key: metrics }), 403, /\/metrics alone/);
      expectProblem(await get(pathOf('made@example.org')), 404, /no user/);
    },
  );
});

describe('an administrator', () => {
  it('is told of what is not there, and which methods a path takes', async () => {
    for (const path of ['/admin', '/admin/', '/admin/nothing', '/admin/users/', '/admin/users/a@b/nothing']) {
      expectProblem(await get(path), 404, /nothing at this path/);
    }
    const tried = async (method: string, path: string) => service.request(path, { key: admin, method });
    expectProblem(await tried('DELETE', '/admin/users'), 405, /does not take DELETE; it takes GET, HEAD, POST/);
    expectProblem(await tried('DELETE', pathOf(ROOT)), 405, /it takes GET, HEAD, PATCH/);
    expectProblem(await tried('GET', `${pathOf(ROOT)}/disable`), 405, /it takes POST/);
    expectProblem(await tried('DELETE', '/admin/keys/beefbeefbeefbeef/revoke'), 405, /it takes POST/);
  });

  it('gets the head of a list without its body', async () => {
    expect(await service.request('/admin/users', { key: admin, method: 'HEAD' })).toMatchObject({
      status: 200,
      text: '',
    });
  });
});
