import { type ByteAnswer, exchangeBytes, tagOf } from '../support/byte-exchange.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { jobRecord } from '../support/job-records.js';
import { LISTS, NDJSON, type Representation } from '../support/list-representations.js';
import { sendBytes } from '../support/raw-http.js';

/** RFC 9110, section 8.8.3, without the weakness and what lies beyond ASCII. */
const STRONG_TAG = /^"[\x21\x23-\x7e]+"$/;
/** Enough for each list to be worth a coding. */
const RECORDS = 60;

let service: ClockworkService;
let other: ApiProcess;
/** Whose clusters are all, one, another, and none. */
const keys = { all: '', mila: '', narval: '', none: '' };

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  keys.all = await service.keyOf('all@example.org');
  keys.mila = await service.keyOf('mila@example.org', ['--clusters', 'mila']);
  keys.narval = await service.keyOf('narval@example.org', ['--clusters', 'narval']);
  keys.none = await service.keyOf('none@example.org', ['--clusters', '']);
  const numbers = Array.from({ length: RECORDS }, (_, at) => String(at + 1));
  const clusterOf = (number: string) => (Number(number) % 2 === 0 ? 'mila' : 'narval');
  await service.load({
    gpu: numbers.map((number) => ({ cw_name: `gpu${number}`, vendor: 'nvidia', ram: 48 })),
    nodes: numbers.map((name) => ({ slurm: { name, cluster_name: clusterOf(name), gres: `gpu:gpu${name}:8` } })),
    jobs: numbers.map((job_id) =>
      jobRecord({
        slurm: { job_id, cluster_name: clusterOf(job_id), partition: `p${Number(job_id) % 3}` },
        cw: { mila_cluster_username: `user${Number(job_id) % 5}` },
        user: { note: 'x'.repeat(Number(job_id)) },
      }),
    ),
  });
});

afterAll(async () => {
  await other.stop();
  await service.stop();
});

function get(path: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<ByteAnswer> {
  return exchangeBytes(service.url, path, { key: keys.all, headers, method });
}

/** The headers that a 304 repeats (RFC 9110, section 15.4.5) beside its tag. */
function aboutCaches({ headers }: ByteAnswer) {
  return { vary: headers.vary, cacheControl: headers['cache-control'] };
}

describe.each(LISTS)('%s', (path, representations) => {
  const ask = (representation: Representation, tag?: string | string[], method?: string) =>
    get(path, { ...representation, ...(tag === undefined ? {} : { 'If-None-Match': tag }) }, method);

  it('has a strong tag, the same while nothing changes, from each process', async () => {
    for (const representation of representations) {
      const first = await ask(representation);
      expect(first.status).toBe(200);
      expect(tagOf(first)).toMatch(STRONG_TAG);
      const second = await ask(representation);
      const elsewhere = await exchangeBytes(other.url, path, { key: keys.all, headers: representation });
      for (const answer of [second, elsewhere]) {
        expect(tagOf(answer)).toBe(tagOf(first));
        expect(answer.bytes.equals(first.bytes)).toBe(true);
      }
    }
  });

  it('has another tag for each representation', async () => {
    const forms = new Map<string, string>();
    for (const representation of representations) {
      const answer = await ask(representation);
      const form = `${answer.headers['content-type'] ?? ''} ${answer.headers['content-encoding'] ?? ''}`;
      expect([form, forms.get(form) ?? tagOf(answer)]).toEqual([form, tagOf(answer)]);
      forms.set(form, tagOf(answer));
    }
    expect(new Set(forms.values()).size).toBe(forms.size);
    expect(forms.size).toBe(representations.length);
  });

  it('says to caches that it is for this caller alone, is to be asked for each time, and varies', async () => {
    const { headers } = await ask({});
    expect(headers['cache-control']).toMatch(/\bprivate\b/);
    expect(headers['cache-control']).toMatch(/\bno-cache\b|\bmax-age=0\b/);
    const varies = (headers.vary ?? '').toLowerCase().split(/\s*,\s*/);
    expect(varies).toContain('accept-encoding');
    if (path !== '/gpu/list') expect(varies).toContain('accept');
  });

  it('is 304 with its tag in each representation, on each process, and nothing of a body', async () => {
    for (const representation of representations) {
      const whole = await ask(representation);
      for (const { url } of [service, other]) {
        const headers = { ...representation, 'If-None-Match': tagOf(whole) };
        const answer = await exchangeBytes(url, path, { key: keys.all, headers });
        expect(answer).toMatchObject({ status: 304, text: '', headers: { etag: tagOf(whole) } });
        expect(aboutCaches(answer)).toEqual(aboutCaches(whole));
        for (const name of ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']) {
          expect(answer.headers).not.toHaveProperty(name);
        }
      }
    }
  });

  it('leaves the connection usable after a 304: not a byte follows its head', async () => {
    const tag = tagOf(await ask({}));
    const request = (headers: string) =>
      `GET /api/v1/cluster${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.all}\r\n${headers}\r\n`;
    const conditional = request(`If-None-Match: ${tag}\r\n`);
    const answers = await sendBytes(service.url, conditional + conditional + request(''), 3);
    expect(answers.map(({ status }) => status)).toEqual([304, 304, 200]);
  });

  it('is 200 with the tag of another representation, which is another body', async () => {
    for (const representation of representations) {
      const others = representations.filter((one) => one !== representation);
      const tags = await Promise.all(others.map(async (one) => tagOf(await ask(one))));
      expect((await ask(representation, tags.join(', '))).status).toBe(200);
      const own = tagOf(await ask(representation));
      const answer = await ask(representation, [...tags, own].join(', '));
      expect(answer).toMatchObject({ status: 304, headers: { etag: own } });
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    for (const representation of representations) {
      const whole = await ask(representation);
      const head = await ask(representation, undefined, 'HEAD');
      expect(head).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
      for (const name of ['etag', 'vary', 'cache-control', 'content-type', 'content-encoding']) {
        expect([name, head.headers[name]]).toEqual([name, whole.headers[name]]);
      }
      expect(await ask(representation, tagOf(whole), 'HEAD')).toMatchObject({
        status: 304,
        headers: { etag: tagOf(whole) },
      });
      expect((await ask(representation, '"another"', 'HEAD')).status).toBe(200);
    }
  });

  describe('If-None-Match', () => {
    let tag: string;
    beforeAll(async () => {
      tag = tagOf(await ask({}));
    });

    it.each<[name: string, header: (tag: string) => string | string[]]>([
      ['the tag', (own) => own],
      ['the tag, weak', (own) => `W/${own}`],
      ['any', () => '*'],
      ['a list that has the tag', (own) => `"a", ${own}, "b"`],
      ['a list without blanks', (own) => `"a",${own}`],
      ['a list with the tag, weak', (own) => `W/"a", W/${own}`],
      ['a list with empty items', (own) => `, "a" ,,${own},`],
      ['a list with a comma in a tag', (own) => `"a,b", ${own}`],
      ['a list with a tag beyond ASCII', (own) => `"\u00e9", ${own}`],
      ['two headers', (own) => ['"a"', own]],
      ['blanks about it', (own) => `  ${own}\t`],
      ['a long list', (own) => `${'"0123456789abcdef", '.repeat(500)}${own}`],
    ])('of %s is 304', async (_name, header) => {
      const answer = await ask({}, header(tag));
      expect(answer).toMatchObject({ status: 304, text: '', headers: { etag: tag } });
    });

    it.each<[name: string, header: (tag: string) => string]>([
      ['another tag', () => '"another"'],
      ['a tag that holds an asterisk', () => '"*"'],
      ['a weak tag of another name', () => 'W/"another"'],
      ['the tag inside another', (own) => `"a, ${own.slice(1, -1)}, b"`],
      ['the tag without its quotes', (own) => own.slice(1, -1)],
      ['the tag with a quote missing', (own) => own.slice(0, -1)],
      ['the tag with the sign of weakness in lower case', (own) => `w/${own}`],
      ['the tag in upper case', (own) => own.toUpperCase().replace(/^"(.*)"$/, '"-$1"')],
      ['an asterisk beside a tag', () => '*, "another"'],
      ['nothing', () => ''],
      ['a lone quote', () => '"'],
    ])('of %s is 200 with the whole list', async (_name, header) => {
      const answer = await ask({}, header(tag));
      expect(answer.status).toBe(200);
      const records = JSON.parse(answer.text) as { cw_name?: string }[];
      // Beside the imported GPUs the list has those that every catalogue has.
      expect(records.filter(({ cw_name = 'gpu' }) => cw_name.startsWith('gpu'))).toHaveLength(RECORDS);
    });
  });

  it('does not tell without a key whether anything has changed', async () => {
    const tag = tagOf(await ask({}));
    for (const condition of [tag, '*']) {
      const answer = await exchangeBytes(service.url, path, { headers: { 'If-None-Match': condition } });
      expect(answer.status).toBe(401);
      expect(answer.headers).not.toHaveProperty('etag');
    }
  });

  it('is 304 for no caller whose list is another one', async () => {
    const lists = await Promise.all(
      Object.values(keys).map(async (key) => ({ key, list: await exchangeBytes(service.url, path, { key }) })),
    );
    for (const { key, list: own } of lists) {
      for (const { list } of lists) {
        const headers = { 'If-None-Match': tagOf(list) };
        const answer = await exchangeBytes(service.url, path, { key, headers });
        expect(answer.status === 304 ? list.text : answer.text).toBe(own.text);
        if (list === own) expect(answer.status).toBe(304);
      }
    }
  });
});

describe('what narrows a list down', () => {
  const QUERIES = [
    '/jobs/list?cluster_name=mila',
    '/jobs/list?cluster_name=mila,narval',
    '/jobs/list?cluster_name=nowhere',
    '/jobs/list?user=user1',
    '/jobs/list?user=user2',
    '/jobs/list?user=user1,user2',
    '/jobs/list?partition=p1',
    '/jobs/list?account=p1',
    '/jobs/list?job_state=RUNNING',
    '/jobs/list?phase=pending',
    '/jobs/list?phase=running',
    '/jobs/list?outcome=failed',
    '/jobs/list?array_job_id=1',
    '/jobs/list?limit=10',
    '/jobs/list?limit=11',
    '/jobs/list?fields=slurm.job_id',
    '/jobs/list?fields=cw,user',
    '/nodes/list?cluster_name=mila',
    '/nodes/list?cluster_name=narval',
    '/nodes/list?cluster_name=nowhere',
    '/nodes/list?limit=10',
  ];

  it('is a part of the tag: an equal tag is an equal body, whatever of a route was asked for', async () => {
    const bodies = new Map<string, string>();
    for (const path of [...LISTS.map(([list]) => list), ...QUERIES]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      const route = path.split('?', 1)[0] ?? '';
      const seen = `${route} ${tagOf(answer)}`;
      expect([path, bodies.get(seen) ?? answer.text]).toEqual([path, answer.text]);
      bodies.set(seen, answer.text);
    }
    expect(new Set(bodies.values()).size).toBeGreaterThan(12);
  });

  it.each(QUERIES)('%s has a tag of its own, 304 with it', async (path) => {
    for (const headers of [{}, { Accept: NDJSON }]) {
      const whole = await get(path, headers);
      const answer = await get(path, { ...headers, 'If-None-Match': tagOf(whole) });
      expect(answer).toMatchObject({ status: 304, headers: { etag: tagOf(whole) } });
    }
  });

  it('is looked at before the tag: a wrong parameter is 400 without one', async () => {
    for (const path of ['/jobs/list?time=-1', '/jobs/list?user=', '/jobs/list?limit=0', '/nodes/list?cluster_name=']) {
      const answer = await get(path, { 'If-None-Match': '*' });
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.headers).not.toHaveProperty('etag');
    }
  });

  it('is the same under the other base path', async () => {
    const whole = await get('/api/v1/clusters/jobs/list');
    const answer = await get('/api/v1/clusters/jobs/list', { 'If-None-Match': tagOf(whole) });
    expect(answer.status).toBe(304);
  });
});

it('a date is no condition: the tag is all that counts', async () => {
  const later = new Date(Date.now() + 86_400_000).toUTCString();
  const { status, headers } = await get('/jobs/list', { 'If-Modified-Since': later });
  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('last-modified');
  const tag = headers.etag ?? '';
  const both = await get('/jobs/list', { 'If-None-Match': tag, 'If-Modified-Since': new Date(0).toUTCString() });
  expect(both.status).toBe(304);
});
