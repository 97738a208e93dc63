import fc from '../support/seeded-fast-check.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import type { PublicJob } from '../support/job-records.js';
import { cursorIn, joinedPages, nextPage, walkPages } from '../support/list-pages.js';
import { expectProblem } from '../support/problem-details.js';
import { BULK, CLUSTERS, STATES, VARIED } from '../support/varied-jobs.js';

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
  await service.load({ jobs: [...VARIED, ...BULK] });
});

afterAll(() => service.stop());

const get = (path: string, headers: Record<string, string> = {}) => service.request(path, { key, headers });
const list = (query: string) => get(`/jobs/list?${query}`);

async function refused(query: string, detail: RegExp): Promise<void> {
  expectProblem(await list(query), 400, detail);
}

/** The cursor behind the first job that passes a filter. */
async function cursorOf(filter: string): Promise<string> {
  return cursorIn(await list(`${filter}&limit=1`));
}

function ids(text: string): string[] {
  return (JSON.parse(text) as PublicJob[]).map(({ slurm }) => `${slurm.cluster_name} ${slurm.job_id}`);
}

describe('limit', () => {
  it.each([
    '0',
    '10001',
    '1.5',
    'abc',
    '%2B5',
    '+5',
    '-1',
    '1e2',
    '0x10',
    '%201',
    '5%20',
    '%D9%A5',
    '1'.repeat(400),
    '00',
  ])('%s is 400 that names it', (value) => refused(`limit=${value}`, /^limit: /));

  it('is 400 where it is empty, given twice or as an object', async () => {
    await refused('limit=', /^limit: .*empty/);
    await refused('limit=5&limit=5', /^limit: .*more than once/);
    await refused('limit[$gt]=5', /^limit: /);
  });

  it('is how many jobs a page has, from the start of the list', async () => {
    const whole = ids((await list('cluster_name=mila')).text);
    for (const limit of [1, 2, whole.length - 1]) {
      expect(ids((await list(`cluster_name=mila&limit=${limit}`)).text)).toEqual(whole.slice(0, limit));
    }
  });

  it('may be 10000, and more than there is', async () => {
    const { text, headers } = await list('limit=10000');
    expect(text).toBe((await list('')).text);
    expect(headers).not.toHaveProperty('link');
  });

  it('left out with a cursor is 1000', async () => {
    const cursor = await cursorOf('cluster_name=bulk');
    const second = await list(`cluster_name=bulk&after=${cursor}`);
    expect(second.body).toHaveLength(1_000);
    const third = await get(nextPage(second, '/jobs/list') ?? '');
    expect(third.body).toHaveLength(4);
    expect(third.headers).not.toHaveProperty('link');
    expect(nextPage(second, '/jobs/list')).not.toContain('limit');
  });

  it('left out without a cursor is the whole list, without a link', async () => {
    const { body, headers } = await list('cluster_name=bulk');
    expect(body).toHaveLength(BULK.length);
    expect(headers).not.toHaveProperty('link');
  });
});

describe('Link', () => {
  it('is there as long as there is more, and not on the last page, a full one too', async () => {
    const count = VARIED.length / CLUSTERS.length;
    expect((await list(`cluster_name=mila&limit=${count}`)).headers).not.toHaveProperty('link');
    expect((await list(`cluster_name=mila&limit=${count + 1}`)).headers).not.toHaveProperty('link');
    const pages = await walkPages(get, `/jobs/list?cluster_name=mila&limit=${count / 2}`);
    expect(pages.map(({ headers }) => 'link' in headers)).toEqual([true, false]);
    expect(pages.map(({ body }) => (body as unknown[]).length)).toEqual([count / 2, count / 2]);
  });

  it('is not there where no job passes', async () => {
    const answer = await list('cluster_name=nowhere&limit=1');
    expect(answer.text).toBe('[]');
    expect(answer.headers).not.toHaveProperty('link');
  });

  it('is what RFC 8288 says, and its target a path that names no host, whatever the request says of it', async () => {
    const foreign = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' };
    const { link } = (await get('/jobs/list?limit=1', foreign)).headers;
    expect(link).toMatch(/^<[^<>" ]+>; rel="next"$/);
    expect(link).not.toContain('evil.example');
    expect(link).not.toContain('127.0.0.1');
  });

  it.each([
    'limit=2&cluster_name=mila,beluga',
    'cluster_name=mila,beluga&limit=2&colour=red&colour=blue&flag&empty=',
    'limit=2&username=ada%2Cbob&relative_time=0999999999999',
    'limit=2&x=%E2%82%AC%20%26%3D%23%2B+%25&%C3%A9=1',
    'limit=2&x=a>b<c"d&y={}|^`\'()*!~\\',
    'limit=2&x=%0d%0aSet-Cookie:%20a=b&y=%3E;%20rel=%22prev%22',
    'limit=2&x[$ne]=1&__proto__=2&constructor=3&a=b=c&&',
    'limit=2&fields=slurm.job_id,user.$a.b,user.',
  ])('keeps every other parameter of the request: %s', async (query) => {
    const first = await list(query);
    expect(first.status).toBe(200);
    const next = new URL(nextPage(first, '/jobs/list') ?? '', 'http://client.example');
    const asked = new URLSearchParams(query);
    const kept = [...next.searchParams].filter(([name]) => name !== 'after');
    expect(kept.toSorted()).toEqual([...asked].toSorted());
    expect(next.searchParams.getAll('after')).toHaveLength(1);
    expect((await get(next.pathname + next.search)).status).toBe(200);
  });

  it('has one cursor on every page, that of the next', async () => {
    const pages = await walkPages(get, '/jobs/list?limit=5&cluster_name=mila&z=1');
    const links = pages.slice(0, -1).map((page) => new URL(nextPage(page, '') ?? '', 'http://client.example'));
    expect(links).toHaveLength(3);
    for (const { searchParams } of links) {
      expect([...searchParams.keys()].toSorted()).toEqual(['after', 'cluster_name', 'limit', 'z']);
    }
    expect(new Set(links.map(({ searchParams }) => searchParams.get('after'))).size).toBe(links.length);
  });

  it('stays on the base path that was asked for', async () => {
    for (const base of ['/api/v1/cluster', '/api/v1/clusters']) {
      const path = `${base}/jobs/list?cluster_name=mila&limit=5`;
      const pages = await walkPages((next) => {
        expect(next.startsWith(`${base}/jobs/list?`)).toBe(true);
        return get(next);
      }, path);
      expect(joinedPages(pages)).toBe((await list('cluster_name=mila')).text);
    }
  });

  it('comes with HEAD too', async () => {
    const head = await service.request('/jobs/list?limit=1', { key, method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(nextPage(head, '/jobs/list')).toMatch(/after=/);
  });
});

describe('the pages together', () => {
  const several = (values: readonly string[]) =>
    fc.subarray([...values], { minLength: 1 }).map((chosen) => chosen.join(','));
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const filters = fc.record({
    cluster_name: optional(several(CLUSTERS)),
    user: optional(several(['ada', 'bob', 'nobody'])),
    time: optional(fc.constantFrom('0', '60', '99999999999')),
    job_state: optional(several(STATES)),
    phase: optional(several(['pending', 'running', 'finished'])),
    partition: optional(several(['main', 'long'])),
    account: optional(several(['def-a', 'def-b', 'bulk'])),
    array_job_id: optional(fc.constant('9')),
    fields: optional(fc.constantFrom('slurm', 'user.$a.b', 'slurm.job_id,cw.phase', 'user.,slurm.cluster_name')),
  });

  it('are the whole list, byte for byte, whatever the limit and the filters, as JSON and as lines', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 60 }), fc.boolean(), async (chosen, wanted, lines) => {
        const given = Object.entries(chosen).filter((entry): entry is [string, string] => entry[1] !== undefined);
        const query = new URLSearchParams(given).toString();
        const headers = { Accept: lines ? 'application/x-ndjson' : 'application/json' };
        const whole = await get(`/jobs/list?${query}`, headers);
        const { count } = (await get(`/jobs/count?${query}`)).body as { count: number };
        // A long list is not walked in steps of one.
        const limit = Math.max(wanted, Math.ceil(count / 40));
        const pages = await walkPages((path) => get(path, headers), `/jobs/list?${query}&limit=${limit}`);
        expect(joinedPages(pages)).toBe(whole.text);
        expect(pages).toHaveLength(Math.max(1, Math.ceil(count / limit)));
      }),
      { numRuns: 30 },
    );
  });

  it.each(['', 'user=ada,bob', 'user=ada,bob&partition=main,long'])(
    'are the whole list for every limit: %s',
    async (filter) => {
      const query = `cluster_name=mila,narval&${filter}`;
      const whole = await list(query);
      const { length } = whole.body as unknown[];
      expect(length).toBeGreaterThan(10);
      for (let limit = 1; limit <= length + 1; limit += 1) {
        const pages = await walkPages(get, `/jobs/list?${query}&limit=${limit}`);
        expect([limit, joinedPages(pages)]).toEqual([limit, whole.text]);
      }
    },
  );

  it('may change their size and their fields on the way', async () => {
    const query = 'cluster_name=mila,beluga';
    const whole = ids((await list(`${query}&fields=slurm`)).text);
    const seen: string[] = [];
    let page = await list(`${query}&limit=3`);
    for (let limit = 2; ; limit += 1) {
      seen.push(...ids(page.text));
      if (!('link' in page.headers)) break;
      const fields = limit % 2 === 0 ? 'slurm.cluster_name,slurm.job_id' : 'slurm';
      page = await list(`${query}&limit=${limit}&fields=${fields}&after=${encodeURIComponent(cursorIn(page))}`);
    }
    expect(seen).toEqual(whole);
  });
});

describe('a caller who may see some clusters alone', () => {
  let limited: string;

  beforeAll(async () => {
    limited = await service.keyOf('limited@example.org', ['--clusters', 'mila,narval']);
  });

  const asLimited = (path: string) => service.request(path, { key: limited });

  it('finds on the pages the jobs of these, and the pages are full', async () => {
    const whole = await asLimited('/jobs/list');
    expect(whole.body).toHaveLength((VARIED.length / CLUSTERS.length) * 2);
    const pages = await walkPages(asLimited, '/jobs/list?limit=5');
    expect(joinedPages(pages)).toBe(whole.text);
    expect(pages.slice(0, -1).map(({ body }) => (body as unknown[]).length)).toEqual(pages.slice(0, -1).map(() => 5));
  });

  it("goes on with another's cursor for the same filters, and sees there what they may see", async () => {
    const whole = ids((await list('account=def-a')).text);
    const visible = ids((await asLimited('/jobs/list?account=def-a')).text);
    const first = await list('account=def-a&limit=10');
    const rest = await asLimited(`/jobs/list?account=def-a&after=${cursorIn(first)}`);
    expect(ids(rest.text)).toEqual(whole.slice(10).filter((id) => visible.includes(id)));
    expect(ids(rest.text).length).toBeGreaterThan(3);
    expect(ids(rest.text).some((id) => id.startsWith('beluga'))).toBe(false);
  });

  it('and nothing at all where they may see nothing', async () => {
    const none = await service.keyOf('none@example.org', ['--clusters', '']);
    const answer = await service.request(`/jobs/list?after=${await cursorOf('')}`, { key: none });
    expect([answer.status, answer.text, 'link' in answer.headers]).toEqual([200, '[]', false]);
  });
});

describe('jobs/count', () => {
  it.each(['limit=1', 'limit=0&limit=x&limit=', 'after=x', 'fields=foo', 'fields=&after[$ne]=1'])(
    'knows no paging and no fields: %s',
    async (parameters) => {
      const answer = await get(`/jobs/count?cluster_name=bulk&${parameters}`);
      expect([answer.status, answer.body]).toEqual([200, { count: BULK.length }]);
      expect(answer.headers).not.toHaveProperty('link');
    },
  );
});
