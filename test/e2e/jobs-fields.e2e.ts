import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jsonLines } from '../support/json-lines.js';
import { joinedPages, walkPages } from '../support/list-pages.js';
import { expectProblem } from '../support/problem-details.js';

/** Texts, since their numbers and keys are more than JavaScript's objects keep. */
const DICT =
  '{"loss":0.5,"one":1.0,"seed":18446744073709551615,"big":9007199254740993,"a.b":{"c":1},"a":{"b":"nested"},"$set":"x","$":2,"":"empty","__proto__":{"x":1},"a b":3,"😀":"smile","constructor":4,"10":5,"_id":6,"long":"' +
  'é'.repeat(500) +
  '","nothing":null,"ends.":7,".starts":8,"é":9,"slurm.name":10}';
const SLURM =
  '{"cluster_name":"mila","job_id":"1","job_state":"RUNNING","submit_time":"2024-05-01T10:00:00-04:00","name":"a job","priority":9007199254740993,"ratio":1.0,"tres":{"cpu":4},"nodes":null,"a.b":"dotted","$x":"dollar"}';

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
  const job = `{"slurm":${SLURM},"cw":{"mila_cluster_username":"ada"},"user":${DICT}}`;
  const plain =
    '{"slurm":{"cluster_name":"mila","job_id":"2","job_state":"FAILED","submit_time":"2024-04-01T10:00:00-04:00"}}';
  const { code, stderr } = await service.cli(['import', '-'], `{"jobs":[${job},${plain}]}`);
  if (code !== 0) throw new Error(stderr);
});

afterAll(() => service.stop());

const list = (query: string, headers: Record<string, string> = {}) =>
  service.request(`/jobs/list?${query}`, { key, headers });

/** The two jobs with these fields, as text. */
async function texts(fields: string): Promise<string> {
  const { status, text } = await list(`fields=${fields}`);
  expect([status, text.slice(0, 1)]).toEqual([200, '[']);
  return text;
}

async function whole(): Promise<{ slurm: object; cw: object; user: object }[]> {
  return (await list('')).body as { slurm: object; cw: object; user: object }[];
}

describe('fields of jobs/list', () => {
  it.each([['slurm'], ['cw'], ['user'], ['slurm', 'user'], ['user', 'cw'], ['cw', 'user', 'slurm']] as (
    'slurm' | 'cw' | 'user'
  )[][])('gives whole parts, and no other (%s, %s, %s)', async (...parts) => {
    const asked = parts.filter((part) => typeof part === 'string');
    const { body } = await list(`fields=${asked.join(',')}`);
    const expected = (await whole()).map((job) => Object.fromEntries(asked.map((part) => [part, job[part]])));
    expect(body).toEqual(expected);
  });

  it('of all three parts is the list without it, byte for byte', async () => {
    expect(await texts('user,slurm,cw')).toBe((await list('')).text);
  });

  it('gives single fields in the shape of the whole, in the order of its parts', async () => {
    expect(await texts('user.loss,cw.phase,slurm.name,slurm.job_id')).toBe(
      '[{"slurm":{"job_id":"1","name":"a job"},"cw":{"phase":"running"},"user":{"loss":0.5}},' +
        '{"slurm":{"job_id":"2"},"cw":{"phase":"finished"},"user":{}}]',
    );
  });

  it.each<[string, string]>([
    ['slurm.a.b,user.$,cw.phase', '{"slurm":{"a.b":"dotted"},"cw":{"phase":"running"},"user":{"$":2}}'],
    ['cw.phase,slurm.$x', '{"slurm":{"$x":"dollar"},"cw":{"phase":"running"}}'],
    ['user.loss,cw.phase,slurm.a.b', '{"slurm":{"a.b":"dotted"},"cw":{"phase":"running"},"user":{"loss":0.5}}'],
    ['user.$,slurm.name', '{"slurm":{"name":"a job"},"user":{"$":2}}'],
  ])('keeps the order of the parts whatever their keys are called (%s)', async (fields, first) => {
    expect(await texts(fields)).toMatch(`[${first},`);
  });

  it('gives an empty part where what was asked for is not there, and null where it is null', async () => {
    expect(await texts('user.nowhere')).toBe('[{"user":{}},{"user":{}}]');
    expect(await texts('slurm.nowhere,cw.nowhere')).toBe('[{"slurm":{},"cw":{}},{"slurm":{},"cw":{}}]');
    expect(await texts('user.nothing,slurm.nodes')).toBe(
      '[{"slurm":{"nodes":null},"user":{"nothing":null}},{"slurm":{},"user":{}}]',
    );
  });

  it('gives the whole part where both it and a key of it are asked for, in any order', async () => {
    const user = await texts('user');
    expect(await texts('user,user.loss')).toBe(user);
    expect(await texts('user.loss,user,user.nowhere')).toBe(user);
    expect(await texts('slurm.name,slurm,slurm.name')).toBe(await texts('slurm'));
    expect(await texts('cw.phase,cw')).toBe(await texts('cw'));
  });

  it('takes a field again and again', async () => {
    expect(await texts('user.loss,user.loss')).toBe('[{"user":{"loss":0.5}},{"user":{}}]');
  });

  it.each<[string, string]>([
    ['a.b', '{"c":1}'],
    ['$set', '"x"'],
    ['$', '2'],
    ['', '"empty"'],
    ['__proto__', '{"x":1}'],
    ['a b', '3'],
    ['😀', '"smile"'],
    ['constructor', '4'],
    ['10', '5'],
    ['_id', '6'],
    ['ends.', '7'],
    ['.starts', '8'],
    ['é', '9'],
    ['slurm.name', '10'],
    ['a', '{"b":"nested"}'],
    ['one', '1.0'],
    ['seed', '18446744073709551615'],
    ['big', '9007199254740993'],
  ])('user.%s is the key of that name, with its very value', async (name, value) => {
    expect(await texts(`user.${encodeURIComponent(name)}`)).toBe(
      `[{"user":{${JSON.stringify(name)}:${value}}},{"user":{}}]`,
    );
  });

  it.each(['a.b.c', 'a.x', 'long.0', 'loss.', '$$ROOT', 'toString', 'hasOwnProperty', 'A', 'los'])(
    'user.%s is not there, and nothing is taken for it',
    async (name) => {
      expect(await texts(`user.${encodeURIComponent(name)}`)).toBe('[{"user":{}},{"user":{}}]');
    },
  );

  it('tells a key with a dot from a key in a nested dict', async () => {
    expect(await texts('user.a,user.a.b')).toMatch(/^\[\{"user":\{"a\.b":\{"c":1\},"a":\{"b":"nested"\}\}\}/);
  });

  it('gives the values of Slurm exactly', async () => {
    expect(await texts('slurm.priority,slurm.ratio,slurm.tres')).toBe(
      '[{"slurm":{"priority":9007199254740993,"ratio":1.0,"tres":{"cpu":4}}},{"slurm":{}}]',
    );
  });

  it('shows nothing that a whole job does not show', async () => {
    for (const hidden of ['slurm._id', 'cw.derived', 'user.source', 'cw.filled_in']) {
      expect((await texts(hidden)).replaceAll(/[{}[\],:]|"(slurm|cw|user)"/g, '')).toBe('');
    }
  });

  it.each([
    'foo',
    'derived',
    'source',
    '_id',
    'derived.names',
    'source.hash',
    'slurmx',
    'slurmx.name',
    'usr',
    'User',
    'SLURM',
    'slurm,foo',
    'foo.bar',
    '.x',
    '.',
    '$slurm',
    '$$ROOT',
    '*',
    'user%20',
    '%20user',
    'slurm%20.name',
    '__proto__',
    'constructor.name',
    'predecessor.user',
    '0',
    '-user',
  ])('is 400 for another first part: %s', async (fields) => {
    expectProblem(await list(`fields=${fields}`), 400, /^fields: /);
  });

  it.each(['', ',', 'user,', ',user', 'user,,cw'])(
    'is 400 where it is empty or has an empty item: "%s"',
    async (fields) => {
      expectProblem(await list(`fields=${fields}`), 400, /^fields: .*empty/);
    },
  );

  it('is 400 where it is given twice or as an object', async () => {
    expectProblem(await list('fields=user&fields=user'), 400, /^fields: .*more than once/);
    expectProblem(await list('fields[user]=1'), 400, /^fields: /);
    expectProblem(await list('fields=user.%00'), 400, /^fields: .*NUL/);
  });

  it('goes with filters, pages and lines', async () => {
    const fields = 'fields=slurm.job_id,user.one';
    expect((await list(`${fields}&phase=finished`)).text).toBe('[{"slurm":{"job_id":"2"},"user":{}}]');
    expect((await list(`${fields}&user=ada`)).text).toBe('[{"slurm":{"job_id":"1"},"user":{"one":1.0}}]');
    const pages = await walkPages((path) => service.request(path, { key }), `/jobs/list?${fields}&limit=1`);
    expect(pages).toHaveLength(2);
    expect(joinedPages(pages)).toBe(await texts('slurm.job_id,user.one'));
    const lines = await list(fields, { Accept: 'application/x-ndjson' });
    expect(lines.text).toBe('{"slurm":{"job_id":"1"},"user":{"one":1.0}}\n{"slurm":{"job_id":"2"},"user":{}}\n');
    expect(jsonLines(lines.text)).toHaveLength(2);
  });

  it('may name very many fields', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `user.k${index}`).join(',');
    expect(await texts(`${many},user.loss`)).toBe('[{"user":{"loss":0.5}},{"user":{}}]');
  });

  it('is no filter of other routes: they know no such parameter', async () => {
    expect((await service.request('/jobs/one?job_id=2&fields=foo', { key })).body).toMatchObject({ user: {}, cw: {} });
    expect((await service.request('/nodes/list?fields=foo', { key })).status).toBe(200);
  });
});
