import { exchange } from '../support/api-client.js';
import { exchangeBytes, type ByteAnswer } from '../support/byte-exchange.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord } from '../support/job-records.js';
import { AS_JSON, AS_NDJSON, type Representation } from '../support/list-representations.js';
import { longList } from '../support/long-list.js';
import { scrape, valueOf } from '../support/metrics.js';

/** More than a megabyte, also where it is coded. */
const JOBS = 1_300;
const MEGABYTE = 1_000_000;

/** The newest of all, so that it is on the first page. */
const SECRET = { job_id: '1', cluster_name: 'secret', nodes: 'a secret', submit_time: '2024-06-01T00:00:00+00:00' };
const ON_FIRST_PAGE = '2';

let service: ClockworkService;
let other: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({
    jobs: [...longList(JOBS), jobRecord({ slurm: SECRET })],
  });
});

afterAll(async () => {
  await other.stop();
  await service.stop();
});

async function update(url: string, update_pairs: object, job_id = String(JOBS)): Promise<void> {
  const json = { job_id, update_pairs };
  expect((await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json })).status).toBe(200);
}

/** The same list, asked for again and again without a tag: once it is known to be wanted, it may come from memory. */
describe('a list that is asked for again and again without its tag', () => {
  const list = (url: string, headers: Representation, query = ''): Promise<ByteAnswer> =>
    exchangeBytes(url, `/jobs/list${query}`, { key, headers });

  it.each([...AS_JSON, ...AS_NDJSON])('as %j is the same to the byte while nothing changes', async (form) => {
    const first = await list(service.url, form);
    expect(first.bytes.length).toBeGreaterThan(MEGABYTE);
    for (let turn = 0; turn < 3; turn += 1) {
      const again = await list(service.url, form);
      expect(again.bytes.equals(first.bytes)).toBe(true);
      const named = ['etag', 'vary', 'cache-control', 'content-type', 'content-encoding'];
      for (const name of named) expect([name, again.headers[name]]).toEqual([name, first.headers[name]]);
    }
    const answers = await Promise.all(Array.from({ length: 4 }, () => list(service.url, form)));
    for (const { bytes } of answers) expect(bytes.equals(first.bytes)).toBe(true);
  });

  it('shows each update at once, whichever process took it', async () => {
    const forms = [...AS_JSON, ...AS_NDJSON];
    for (let round = 0; round < 8; round += 1) {
      const form = forms[round % forms.length] ?? {};
      await list(service.url, form);
      await list(service.url, form);
      await update(round % 2 === 0 ? service.url : other.url, { round });
      for (const url of [service.url, other.url, service.url]) {
        expect((await list(url, form)).text.includes(`"round":${round}}`)).toBe(true);
      }
    }
  }, 60_000);

  it('shows each update at once to many who ask at the same moment', async () => {
    for (let round = 100; round < 104; round += 1) {
      await update(service.url, { round });
      const lists = await Promise.all(
        Array.from({ length: 6 }, (_, at) => list(at % 2 === 0 ? service.url : other.url, AS_JSON[at % 2] ?? {})),
      );
      for (const { text } of lists) expect(text.includes(`"round":${round}}`)).toBe(true);
    }
  }, 60_000);

  it('is never the list of somebody who may see more, or of another question', async () => {
    const theirs = await service.keyOf('mila@example.org', ['--clusters', 'mila']);
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await list(service.url, {})).text.includes('a secret')).toBe(true);
      expect((await exchangeBytes(service.url, '/jobs/list', { key: theirs })).text.includes('a secret')).toBe(false);
      expect((await list(service.url, {}, '?cluster_name=secret')).bytes.length).toBeLessThan(MEGABYTE);
      expect((await list(service.url, {}, '?cluster_name=mila')).text.includes('a secret')).toBe(false);
      expect((await exchangeBytes(service.url, '/jobs/list', {})).status).toBe(401);
    }
  });

  it('is not told to somebody whose key was revoked', async () => {
    const theirs = await service.keyOf('gone@example.org');
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await exchangeBytes(service.url, '/jobs/list', { key: theirs })).status).toBe(200);
    }
    await service.cli(['users', 'disable', 'gone@example.org']);
    expect((await exchangeBytes(service.url, '/jobs/list', { key: theirs })).status).toBe(401);
  });
});

describe('a page that is asked for again and again without its tag', () => {
  const PAGE = '/jobs/list?limit=100';
  const page = (url: string, headers: Representation, of = key): Promise<ByteAnswer> =>
    exchangeBytes(url, PAGE, { key: of, headers });

  it.each([...AS_JSON, ...AS_NDJSON])(
    'as %j is the same to the byte, and so is where the next one begins',
    async (form) => {
      const first = await page(service.url, form);
      expect(first.headers['link']).toMatch(/rel="next"/);
      for (let turn = 0; turn < 3; turn += 1) {
        const again = await page(service.url, form);
        expect(again.bytes.equals(first.bytes)).toBe(true);
        const named = ['etag', 'vary', 'cache-control', 'content-type', 'content-encoding', 'link'];
        for (const name of named) expect([name, again.headers[name]]).toEqual([name, first.headers[name]]);
      }
      const { etag = '' } = first.headers;
      expect((await page(service.url, { ...form, 'If-None-Match': etag })).status).toBe(304);
    },
  );

  it('is read once from the database, and again after a write', async () => {
    const admins = await service.keyOf('root@example.org', ['--admin']);
    const fromDatabase = async (): Promise<number> =>
      valueOf(await scrape(service.url, admins), 'clockwork_list_answers_total', { list: 'jobs', from: 'database' });
    await page(service.url, {});
    const before = await fromDatabase();
    for (let turn = 0; turn < 5; turn += 1) await page(service.url, {});
    expect(await fromDatabase()).toBe(before);
    await update(other.url, { again: 1 }, ON_FIRST_PAGE);
    for (let turn = 0; turn < 5; turn += 1) await page(service.url, {});
    expect(await fromDatabase()).toBe(before + 1);
  });

  it('shows each update at once, whichever process took it', async () => {
    for (let round = 200; round < 208; round += 1) {
      const form = [...AS_JSON, ...AS_NDJSON][round % 4] ?? {};
      await page(service.url, form);
      await update(round % 2 === 0 ? service.url : other.url, { round }, ON_FIRST_PAGE);
      for (const url of [service.url, other.url, service.url]) {
        expect((await page(url, form)).text.includes(`"round":${round}}`)).toBe(true);
      }
    }
  });

  it('is never the page of somebody who may see more', async () => {
    const theirs = await service.keyOf('mila2@example.org', ['--clusters', 'mila']);
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await page(service.url, {})).text.includes('a secret')).toBe(true);
      expect((await page(service.url, {}, theirs)).text.includes('a secret')).toBe(false);
    }
  });
});
