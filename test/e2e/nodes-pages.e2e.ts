import fc from '../support/seeded-fast-check.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { openImports } from '../support/import-in-process.js';
import { cursorIn, joinedPages, nextPage, walkPages } from '../support/list-pages.js';
import { expectProblem } from '../support/problem-details.js';

/** In the order of their code points, which is not that of UTF-16 (the last two) or of numbers. */
const NAMES = ['CN-A', 'a', 'cn-10', 'cn-2', 'cn-2a', 'x"y\\', 'é', '\uFB00', '\u{1D4B3}'];
const CLUSTERS = ['Z', 'beluga', 'mila', 'narval'];
const nodeRecord = (cluster_name: string, name: string) => ({
  slurm: { name, cluster_name, gres: name.length % 2 === 0 ? 'gpu:v100:2' : null, memory: '1' },
});
const BULK = Array.from({ length: 1_003 }, (_, index) => nodeRecord('bulk', `b${String(index).padStart(4, '0')}`));

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
  const nodes = CLUSTERS.flatMap((cluster) => NAMES.map((name) => nodeRecord(cluster, name))).toReversed();
  await service.load({ nodes: [...nodes, ...BULK] });
});

afterAll(() => service.stop());

const get = (path: string, headers: Record<string, string> = {}) => service.request(path, { key, headers });
const list = (query: string) => get(`/nodes/list?${query}`);

function names(text: string): string[] {
  const nodes = JSON.parse(text) as { slurm: { name: string; cluster_name: string } }[];
  return nodes.map(({ slurm }) => `${slurm.cluster_name} ${slurm.name}`);
}

async function refused(query: string, detail: RegExp): Promise<void> {
  expectProblem(await list(query), 400, detail);
}

describe('the pages of nodes/list together', () => {
  it('are the whole list, byte for byte, whatever the limit and the clusters, as JSON and as lines', async () => {
    const clusters = fc.option(fc.subarray([...CLUSTERS, 'nowhere'], { minLength: 1 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(clusters, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (chosen, wanted, lines) => {
        const filter = chosen === null ? '' : `cluster_name=${chosen.join(',')}`;
        const limit = chosen === null ? wanted + 50 : wanted;
        const headers = { Accept: lines ? 'application/x-ndjson' : 'application/json' };
        const whole = await get(`/nodes/list?${filter}`, headers);
        const pages = await walkPages((path) => get(path, headers), `/nodes/list?${filter}&limit=${limit}`);
        expect(joinedPages(pages)).toBe(whole.text);
      }),
      { numRuns: 25 },
    );
  });

  it('are in the order of clusters and of the code points of names', async () => {
    const pages = await walkPages(get, '/nodes/list?cluster_name=mila,Z&limit=2');
    expect(names(joinedPages(pages))).toEqual(
      ['Z', 'mila'].flatMap((cluster) => NAMES.map((name) => `${cluster} ${name}`)),
    );
  });

  it('are all the nodes that were there throughout, each once, whatever is written meanwhile', async () => {
    const before = names((await list('cluster_name=mila,narval')).text);
    const imports = await openImports(service.environment);
    let turn = 0;
    const pages = await walkPages(get, '/nodes/list?cluster_name=mila,narval&limit=2', async () => {
      turn += 1;
      await imports.load({
        nodes: [
          ...['mila', 'narval'].flatMap((cluster) =>
            ['A', 'cn-1', 'z'].map((name) => nodeRecord(cluster, `${name}-${String(turn)}`)),
          ),
          // The state of each changes, and its place does not.
          ...NAMES.map((name) => ({ slurm: { ...nodeRecord('mila', name).slurm, state: `TURN${String(turn)}` } })),
        ],
      });
    }).finally(() => imports.close());
    const seen = names(joinedPages(pages));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => before.includes(name))).toEqual(before);
    expect(turn).toBeGreaterThan(5);
  });
});

describe('limit', () => {
  it.each(['0', '10001', '1.5', 'abc', '+5', '%2B5', '-1', '1e2'])('%s is 400 that names it', (value) =>
    refused(`limit=${value}`, /^limit: /),
  );

  it('is 400 where it is empty, given twice or as an object', async () => {
    await refused('limit=', /^limit: .*empty/);
    await refused('limit=5&limit=5', /^limit: .*more than once/);
    await refused('limit[$gt]=5', /^limit: /);
  });

  it('left out with a cursor is 1000, without one the whole list', async () => {
    const cursor = cursorIn(await list('cluster_name=bulk&limit=1'));
    const second = await list(`cluster_name=bulk&after=${cursor}`);
    expect(second.body).toHaveLength(1_000);
    const last = await get(nextPage(second, '/nodes/list') ?? '');
    expect(names(last.text)).toEqual(['bulk b1001', 'bulk b1002']);
    expect(last.headers).not.toHaveProperty('link');
    const whole = await list('cluster_name=bulk');
    expect([(whole.body as unknown[]).length, 'link' in whole.headers]).toEqual([BULK.length, false]);
  });

  it('of as many as there are, or of more, has no link', async () => {
    for (const limit of [NAMES.length, NAMES.length + 1, 10_000]) {
      const { body, headers } = await list(`cluster_name=Z&limit=${limit}`);
      expect([(body as unknown[]).length, 'link' in headers]).toEqual([NAMES.length, false]);
    }
  });
});

describe('Link', () => {
  it('stays on the base path that was asked for, and keeps the other parameters', async () => {
    for (const base of ['/api/v1/cluster', '/api/v1/clusters']) {
      const asked = `${base}/nodes/list?x=%E2%82%AC&limit=2&cluster_name=Z,mila&x=2`;
      const next = new URL(nextPage(await get(asked), asked) ?? '', 'http://client.example');
      expect(next.pathname).toBe(`${base}/nodes/list`);
      expect([...next.searchParams].filter(([name]) => name !== 'after').toSorted()).toEqual([
        ['cluster_name', 'Z,mila'],
        ['limit', '2'],
        ['x', '2'],
        ['x', '€'],
      ]);
    }
  });
});

describe('after', () => {
  it('is 400 where it is empty, given twice, damaged, cut off or nothing that came from here', async () => {
    const cursor = cursorIn(await list('limit=1'));
    await refused('after=', /^after: .*empty/);
    await refused(`after=${cursor}&after=${cursor}`, /^after: .*more than once/);
    for (const value of ['x', 'AAAA', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, cursor.toUpperCase()]) {
      await refused(`after=${value}`, /^after: /);
    }
    for (let at = 0; at < cursor.length; at += 1) {
      const other = String.fromCharCode(cursor.charCodeAt(at) ^ 1);
      const damaged = cursor.slice(0, at) + encodeURIComponent(other) + cursor.slice(at + 1);
      expect([damaged, (await list(`after=${damaged}`)).status]).toEqual([damaged, 400]);
    }
  });

  it('is 400 where it is of other filters or of jobs/list', async () => {
    const ofMila = cursorIn(await list('cluster_name=mila&limit=1'));
    const ofAll = cursorIn(await list('limit=1'));
    await refused(`after=${ofMila}`, /^after: /);
    await refused(`cluster_name=Z&after=${ofMila}`, /^after: /);
    await refused(`cluster_name=mila,Z&after=${ofMila}`, /^after: /);
    await refused(`cluster_name=mila&after=${ofAll}`, /^after: /);
    const jobs = ['1', '2'].map((job_id) => ({ slurm: { cluster_name: 'mila', job_id, job_state: 'RUNNING' } }));
    await service.load({ jobs });
    await refused(`after=${cursorIn(await get('/jobs/list?limit=1'))}`, /^after: /);
  });

  it('stays valid with another limit, another order in the list and unknown parameters', async () => {
    const cursor = cursorIn(await list('cluster_name=mila,Z&limit=3'));
    const rest = await list(`limit=4&cluster_name=Z,mila,Z&fields=x&after=${cursor}`);
    expect(names(rest.text)).toEqual(NAMES.slice(3, 7).map((name) => `Z ${name}`));
  });
});

describe('a caller who may see some clusters alone', () => {
  it("finds the nodes of these on full pages, with another's cursor too", async () => {
    const limited = await service.keyOf('limited@example.org', ['--clusters', 'Z,narval']);
    const asLimited = (path: string) => service.request(path, { key: limited });
    const whole = await asLimited('/nodes/list');
    const pages = await walkPages(asLimited, '/nodes/list?limit=4');
    expect(joinedPages(pages)).toBe(whole.text);
    expect(pages.slice(0, -1).every(({ body }) => (body as unknown[]).length === 4)).toBe(true);
    const rest = await asLimited(`/nodes/list?after=${cursorIn(await list('limit=3'))}`);
    expect(names(rest.text)).toEqual(names(whole.text).slice(3));
  });
});
