import { type ApiAnswer, BASE, exchange } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { checkAgainstOpenApi } from '../support/openapi-check.js';

const NDJSON = { Accept: 'application/x-ndjson' };

/** The other tests rely on this check: it has to find what the document does not say. */
describe('the check of answers against the served document', () => {
  let service: ClockworkService;
  let key: string;

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('reader@example.org');
    await service.load({ nodes: ['a', 'b'].map((name) => ({ slurm: { name, cluster_name: 'mila' } })) });
  });

  afterAll(() => service.stop());

  const path = `${BASE}/nodes/list`;
  const answered = (headers: Record<string, string> = {}) => exchange(service.url, path, { key, headers });

  function check(answer: ApiAnswer, method = 'GET'): Promise<void> {
    return checkAgainstOpenApi(service.url, method, path, answer);
  }

  it('lets a list pass, as JSON, as lines, and as one that the client has already', async () => {
    const list = await answered();
    await check(list);
    await check(await answered(NDJSON));
    const unchanged = await answered({ 'If-None-Match': String(list.headers.etag) });
    expect(unchanged).toMatchObject({ status: 304, text: '' });
    await check(unchanged);
    await check({ ...list, text: '', body: undefined }, 'HEAD');
  });

  it.each<[string, Partial<ApiAnswer>, RegExp]>([
    ['a status', { status: 202 }, /202.*description does not have/],
    ['a media type', { headers: { 'content-type': 'text/csv' } }, /text\/csv.*description does not have/],
    ['no media type', { headers: {} }, /undefined.*description does not have/],
    ['an item', { body: [{ slurm: { name: 'a', cluster_name: 'b' }, cw: {}, more: 1 }] }, /not as described/],
    ['a status of an error for a list', { status: 400 }, /description does not have/],
  ])('finds %s that the document does not have', async (_what, change, message) => {
    await expect(check({ ...(await answered()), ...change })).rejects.toThrow(message);
  });

  it('finds a header that it does not have, of HEAD and of an error too', async () => {
    const list = await answered();
    const added = { ...list, headers: { ...list.headers, 'x-new': '1' } };
    await expect(check(added)).rejects.toThrow(/x-new/);
    await expect(check(added, 'HEAD')).rejects.toThrow(/x-new/);
    const refused = await exchange(service.url, path, {});
    await check(refused);
    await expect(check({ ...refused, headers: { ...refused.headers, etag: '"1"' } })).rejects.toThrow(/etag/);
  });

  it('finds a line that is not as described, or has no end', async () => {
    const lines = await answered(NDJSON);
    await expect(check({ ...lines, text: `${lines.text}{"slurm":{}}\n` })).rejects.toThrow(/not as described/);
    await expect(check({ ...lines, text: lines.text.slice(0, -1) })).rejects.toThrow(/no end/);
  });

  it('finds a body where there must be none', async () => {
    const unchanged = await answered({ 'If-None-Match': String((await answered()).headers.etag) });
    await expect(check({ ...unchanged, text: '[]' })).rejects.toThrow(/has a body/);
  });
});
