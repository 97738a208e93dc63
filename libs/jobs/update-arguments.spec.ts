import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BSON } from 'mongodb';
import { Problem } from '#libs/common';
import { bsonToJson } from '#libs/json';
import { readUpdateArguments } from './update-arguments.js';

/** What became of a request: the arguments as read, or the refusal. */
interface Answer {
  status: number;
  body: string;
}

let server: Server;

beforeAll(async () => {
  server = createServer((incoming, answer) => {
    void read(incoming).then(({ status, body }) => {
      answer.writeHead(status, { Connection: 'close' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function read(incoming: IncomingMessage): Promise<Answer> {
  try {
    const { jobId, clusters, pairs } = await readUpdateArguments(incoming);
    const dict = bsonToJson(BSON.serialize(pairs)).toString();
    return { status: 200, body: `${jobId} ${clusters?.join(' ') ?? '-'} ${dict}` };
  } catch (error) {
    return error instanceof Problem
      ? { status: error.status, body: error.detail }
      : { status: 599, body: String((error as Error).stack) };
  }
}

async function put(query: string, options: RequestOptions = {}, body?: string | Buffer): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', path: `/update${query}`, ...options });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

const typed = (type: string): RequestOptions => ({ headers: { 'Content-Type': type } });
const json = (body: unknown, query = ''): Promise<Answer> =>
  put(query, typed('application/json'), typeof body === 'string' ? body : JSON.stringify(body));
const form = (body: string, query = ''): Promise<Answer> =>
  put(query, typed('application/x-www-form-urlencoded'), body);
const pairs = (value: unknown): string => `update_pairs=${encodeURIComponent(JSON.stringify(value))}`;
const nested = (levels: number): string => '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);

describe('readUpdateArguments', () => {
  it.each<[string, () => Promise<Answer>, string]>([
    ['the query string', () => put(`?job_id=5&cluster_name=mila&${pairs({ a: 1 })}`), '5 mila {"a":1}'],
    ['a JSON body', () => json({ job_id: '5', cluster_name: 'mila', update_pairs: { a: 1 } }), '5 mila {"a":1}'],
    ['a string in a JSON body', () => json({ job_id: '5', update_pairs: '{"a":1}' }), '5 - {"a":1}'],
    ['a form body', () => form(`job_id=5&cluster_name=mila&${pairs({ a: 1 })}`), '5 mila {"a":1}'],
    ['query and JSON body', () => json({ update_pairs: { a: 1 } }, '?job_id=5'), '5 - {"a":1}'],
    ['query and form body', () => form(pairs({ a: 1 }), '?job_id=5&cluster_name=mila'), '5 mila {"a":1}'],
    [
      'both, equal',
      () => json('{"job_id":5,"update_pairs":{"a":1,"b":[2]}}', `?job_id=5&${pairs({ b: [2], a: 1 })}`),
      '5 - {"b":[2],"a":1}',
    ],
    [
      'an integer job id',
      () => json('{"job_id":123456789012345678901,"update_pairs":{}}'),
      '123456789012345678901 - {}',
    ],
    ['an array task', () => json({ job_id: '5_7', update_pairs: {} }), '5_7 - {}'],
    ['a component, its plus sent as it is', () => put(`?job_id=40+1&${pairs({})}`), '40+1 - {}'],
    ['a component, in two ways', () => json({ job_id: '40+1', update_pairs: {} }, '?job_id=40+1'), '40+1 - {}'],
    ['several clusters', () => put(`?job_id=5&cluster_name=a,b&${pairs({})}`), '5 a b {}'],
    ['null as not given', () => json({ job_id: '5', cluster_name: null, update_pairs: {} }), '5 - {}'],
    ['null beside the query', () => json({ job_id: null, update_pairs: null }, `?job_id=5&${pairs({})}`), '5 - {}'],
    [
      'what it does not know',
      () => json({ job_id: '5', update_pairs: {}, x: [1], y: null }, '?z=1&z=2&q[$ne]=1'),
      '5 - {}',
    ],
    ['a question mark in a value', () => put(`?job_id=5?6&${pairs({})}`), '5?6 - {}'],
    ['a byte order mark', () => json('\ufeff{"job_id":"5","update_pairs":{}}'), '5 - {}'],
    [
      'a media type with parameters',
      () => put('', typed('Application/JSON; charset=utf-8'), '{"job_id":"5","update_pairs":{}}'),
      '5 - {}',
    ],
    ['no body of any type', () => put(`?job_id=5&${pairs({})}`, typed('text/plain')), '5 - {}'],
  ])('reads %s', async (_, sent, body) => {
    expect(await sent()).toEqual({ status: 200, body });
  });

  it('keeps keys and numbers as they were written', async () => {
    const dict = '{"__proto__":1,"":1.0,"a.b":-0.0,"$set":18446744073709551615,"\u{1f600}":1e+21,"x":"\\u0000"}';
    expect((await json(`{"job_id":"5","update_pairs":${dict}}`)).body).toBe(`5 - ${dict}`);
    expect((await put(`?job_id=5&update_pairs=${encodeURIComponent(dict)}`)).body).toBe(`5 - ${dict}`);
    expect((await json('{"job_id":"5","update_pairs":{"a":1,"b":2,"a":3}}')).body).toBe('5 - {"a":3,"b":2}');
  });

  it.each<[string, () => Promise<Answer>, string]>([
    ['no job id', () => put(`?${pairs({})}`), 'job_id: is needed'],
    ['null as the job id', () => json({ job_id: null, update_pairs: {} }), 'job_id: is needed'],
    ['an empty job id', () => put(`?job_id=&${pairs({})}`), 'job_id: was given, but is empty'],
    ['an empty job id in JSON', () => json({ job_id: '', update_pairs: {} }), 'job_id: was given, but is empty'],
    [
      'an empty job id in one place',
      () => json({ job_id: '', update_pairs: {} }, '?job_id=5'),
      'job_id: was given, but is empty',
    ],
    ['a job id twice', () => put(`?job_id=5&job_id=5&${pairs({})}`), 'job_id: was given more than once'],
    [
      'a job id twice in JSON',
      () => json('{"job_id":"5","job_id":"5","update_pairs":{}}'),
      'job_id: was given more than once',
    ],
    [
      'the pairs twice in JSON',
      () => json('{"job_id":"5","update_pairs":{},"update_pairs":{}}'),
      'update_pairs: was given more than once',
    ],
    ['an operator', () => put(`?job_id[$ne]=5&${pairs({})}`), 'job_id: takes a plain value'],
    ['an operator in JSON', () => json({ job_id: { $ne: 5 }, update_pairs: {} }), 'job_id: must be a text'],
    ['a fraction as the job id', () => json('{"job_id":5.0,"update_pairs":{}}'), 'job_id: must be a text'],
    ['true as the job id', () => json({ job_id: true, update_pairs: {} }), 'job_id: must be a text'],
    ['a NUL', () => json({ job_id: '5\0', update_pairs: {} }), 'job_id: holds a NUL'],
    [
      'a list of clusters in JSON',
      () => json({ job_id: '5', cluster_name: ['a'], update_pairs: {} }),
      'cluster_name: must be a text',
    ],
    [
      'an empty cluster',
      () => json({ job_id: '5', cluster_name: '', update_pairs: {} }),
      'cluster_name: was given, but is empty',
    ],
    [
      'an empty item',
      () => json({ job_id: '5', cluster_name: 'a,', update_pairs: {} }),
      'cluster_name: has an empty item',
    ],
    ['no pairs', () => put('?job_id=5'), 'update_pairs: is needed'],
    ['null as the pairs', () => json({ job_id: '5', update_pairs: null }), 'update_pairs: is needed'],
    ['empty pairs', () => put('?job_id=5&update_pairs='), 'update_pairs: was given, but is empty'],
    ['an empty text as pairs', () => json({ job_id: '5', update_pairs: '' }), 'update_pairs: was given, but is empty'],
    ['a list as pairs', () => json({ job_id: '5', update_pairs: [] }), 'update_pairs: must be a JSON object'],
    ['a text of a list', () => put('?job_id=5&update_pairs=[]'), 'update_pairs: must be a JSON object'],
    ['a text of null', () => put('?job_id=5&update_pairs=null'), 'update_pairs: must be a JSON object'],
    [
      'a text of a text of an object',
      () => json({ job_id: '5', update_pairs: '"{}"' }),
      'update_pairs: must be a JSON object',
    ],
    ['a number as pairs', () => json({ job_id: '5', update_pairs: 5 }), 'update_pairs: must be a JSON object'],
    ['broken pairs', () => put('?job_id=5&update_pairs={a:1}'), 'update_pairs: it is not JSON: "a"'],
    [
      'NaN',
      () => json('{"job_id":"5","update_pairs":{"loss":NaN}}'),
      'body: NaN is not JSON and cannot be kept: send null',
    ],
    ['NaN in a text', () => put('?job_id=5&update_pairs={"a":NaN}'), 'update_pairs: NaN is not JSON'],
    ['a long integer', () => put(`?job_id=5&update_pairs={"a":${'9'.repeat(35)}}`), 'update_pairs: the integer'],
    ['33 levels', () => json(`{"job_id":"5","update_pairs":${nested(33)}}`), 'update_pairs: may be at most 32 levels'],
    [
      '33 levels in a text',
      () => put(`?job_id=5&update_pairs=${nested(33)}`),
      'update_pairs: may be at most 32 levels',
    ],
    [
      'a million levels',
      () => json(`{"job_id":"5","update_pairs":${'['.repeat(1_000_000)}`),
      'body: it is more than 100 levels',
    ],
    ['a million levels elsewhere', () => json(`{"x":${'{"a":'.repeat(1_000_000)}`), 'body: it is more than 100 levels'],
    [
      'different job ids',
      () => json({ job_id: '6', update_pairs: {} }, '?job_id=5'),
      'job_id: was given in the query string and in the body',
    ],
    [
      'different pairs',
      () => json({ job_id: '5', update_pairs: { a: 1 } }, `?${pairs({ a: 2 })}`),
      'update_pairs: was given in the query',
    ],
    [
      '1 and 1.0',
      () => json('{"job_id":"5","update_pairs":{"a":1.0}}', `?${pairs({ a: 1 })}`),
      'update_pairs: was given in the query',
    ],
    ['a list as the body', () => json([]), 'body: must be a JSON object'],
    ['broken JSON', () => json('{"job_id":"5"'), 'body: it is not JSON: it ends'],
    [
      'a body that is no UTF-8',
      () => put('', typed('application/json'), Buffer.from([0x7b, 0xff])),
      'body: its bytes are not valid UTF-8',
    ],
    ['a form that is no UTF-8', () => form('job_id=%ff'), '"job_id": its bytes are not valid UTF-8'],
    ['a bad percent sign', () => put('?job_id=5%'), '"job_id": a percent sign'],
  ])('refuses %s', async (_, sent, detail) => {
    const { status, body } = await sent();
    expect(body).toContain(detail);
    expect(status).toBe(400);
  });

  it('takes 32 levels, wherever they stand', async () => {
    expect((await json(`{"job_id":"5","update_pairs":${nested(32)}}`)).body).toBe(`5 - ${nested(32)}`);
    expect((await put(`?job_id=5&update_pairs=${nested(32)}`)).body).toBe(`5 - ${nested(32)}`);
  });

  it.each([undefined, 'text/plain', 'multipart/form-data; boundary=x', 'application/json-patch+json'])(
    'takes no body of type %s',
    async (type) => {
      const { status, body } = await put('?job_id=5', type === undefined ? {} : typed(type), '{}');
      expect(status).toBe(415);
      expect(body).toContain(type === undefined ? 'it has none' : `it says "${type.split(';')[0] ?? ''}"`);
    },
  );

  it('takes no compressed body', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    expect(await put('', { headers }, '{}')).toMatchObject({
      status: 415,
      body: expect.stringContaining('"gzip"') as string,
    });
  });

  it('refuses pairs that alone are more than a dict may hold, before they reach the database', async () => {
    const most = 1024 * 1024;
    const overhead = BSON.serialize({ a: '' }).length;
    const fits = { job_id: '5', update_pairs: { a: 'x'.repeat(most - overhead) } };
    expect((await json(fits)).status).toBe(200);
    const over = { job_id: '5', update_pairs: { a: 'x'.repeat(most - overhead + 1) } };
    expect(await json(over)).toMatchObject({ status: 413, body: expect.stringContaining('1 MiB') as string });
    // 4 MiB of text that is far more as BSON than one command can hold.
    const list = `{"job_id":"5","update_pairs":{"a":[${'0,'.repeat(2_000_000)}0]}}`;
    expect((await json(list)).status).toBe(413);
  });

  it('refuses a body that announces more than 8 MiB before it is sent', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': 8 * 1024 * 1024 + 1 };
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', path: '/update', headers });
    outgoing.on('error', () => undefined); // the rest is never taken
    outgoing.flushHeaders();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([response.statusCode, await text(response)]).toEqual([413, 'The body is larger than 8 MiB.']);
    outgoing.destroy();
  });

  it('refuses a body that turns out to be more than 8 MiB, and takes one of 8 MiB', async () => {
    const full =
      `{"job_id":"5","update_pairs":{},"x":"${'x'.repeat(8 * 1024 * 1024)}`.slice(0, 8 * 1024 * 1024 - 2) + '"}';
    const chunked = { headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } };
    expect(await put('', chunked, full)).toEqual({ status: 200, body: '5 - {}' });
    expect(await put('', chunked, `${full} `)).toEqual({ status: 413, body: 'The body is larger than 8 MiB.' });
  });
});
