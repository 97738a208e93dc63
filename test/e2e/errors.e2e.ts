import { METHODS } from 'node:http';
import { MongoClient } from 'mongodb';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';

const BASES = ['/api/v1/cluster', '/api/v1/clusters'];
const READ_ONLY = [
  '/jobs/list',
  '/jobs/count',
  '/jobs/one',
  '/nodes/list',
  '/nodes/one',
  '/nodes/one/gpu',
  '/gpu/list',
  '/gpu/one',
];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@mila.quebec');
});

afterAll(() => service.stop());

describe('an error is RFC 9457 problem details, with X-Request-Id as its instance:', () => {
  test('400', async () => {
    expectProblem(await service.request('/jobs/list?time=abc', { key }), 400, /^time: .*integer number of seconds/);
  });

  test('401', async () => {
    expectProblem(await service.request('/jobs/list'), 401, /API key/);
  });

  test('404', async () => {
    expectProblem(await service.request('/api/v1/cluster/nothing', { key }), 404, /nothing at this path/);
  });

  test('405', async () => {
    expectProblem(
      await service.request('/jobs/list', { key, method: 'POST' }),
      405,
      /does not take POST; it takes GET/,
    );
  });

  test('an unexpected 500 tells nothing of what happened', async () => {
    const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
    try {
      // A view whose every document is a division by zero: the database answers, with an error that nobody foresaw.
      const database = client.db();
      await database.collection('numbers').insertOne({ secret: 'hunter2' });
      await database.dropCollection('gpu');
      const pipeline = [{ $set: { hunter2: { $divide: [1, { $strLenCP: '' }] } } }];
      await database.createCollection('gpu', { viewOn: 'numbers', pipeline });
      const answer = await service.request('/gpu/one?gpu_name=v100', { key });
      expectProblem(answer, 500, /^An unexpected error/);
      expect(answer.text).not.toMatch(/hunter2|divide|v100/);
      expectProblem(await service.request('/gpu/list', { key }), 500, /^An unexpected error/);
      await database.dropCollection('gpu');
    } finally {
      await client.close();
    }
    expect((await service.request('/gpu/list', { key })).status).toBe(200);
  });
});

describe('with a valid key', () => {
  test.each(BASES)('an unknown route under %s is 404', async (base) => {
    for (const path of ['', '/', '/nothing', '/jobs', '/jobs/list/', '/jobs/LIST', '/nodes/one/gpu/more', '/*', '//']) {
      expectProblem(await service.request(base + path, { key }), 404, /nothing at this path/);
    }
  });

  test.each(BASES)('every method but GET and HEAD on a route that reads under %s is 405 with Allow', async (base) => {
    for (const route of READ_ONLY) {
      const answer = await service.request(base + route, { key, method: 'PUT' });
      expectProblem(answer, 405, /does not take PUT; it takes GET, HEAD/);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    for (const method of METHODS.filter((name) => !['CONNECT', 'GET', 'HEAD'].includes(name))) {
      expectProblem(await service.request(`${base}/gpu/list`, { key, method }), 405, /it takes GET, HEAD/);
    }
  });

  test('every method but PUT on jobs/user_dict_update is 405 with Allow', async () => {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']) {
      const answer = await service.request('/jobs/user_dict_update', { key, method });
      expectProblem(answer, 405, new RegExp(`does not take ${method}; it takes PUT`));
      expect(answer.headers.allow).toBe('PUT');
    }
  });

  test('a wrong method on an unknown route is 404', async () => {
    expectProblem(
      await service.request('/api/v1/cluster/nothing', { key, method: 'POST' }),
      404,
      /nothing at this path/,
    );
  });
});

describe('HEAD', () => {
  test('answers as GET without the body', async () => {
    for (const route of ['/jobs/list', '/jobs/one?job_id=1', '/nodes/list', '/gpu/list']) {
      const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => service.request(route, { key, method })));
      expect(head).toMatchObject({ status: get?.status, text: '' });
      expect(head?.headers['content-type']).toBe(get?.headers['content-type']);
    }
  });

  test('has the status of an error too', async () => {
    for (const [route, status] of [
      ['/jobs/list?time=abc', 400],
      ['/jobs/one', 400],
      ['/nodes/nothing', 404],
    ] as const) {
      expect(await service.request(route, { key, method: 'HEAD' })).toMatchObject({ status, text: '' });
    }
  });
});

describe('outside the base path', () => {
  test('what is not there is 404, what does not take a method 405, without a key', async () => {
    for (const path of [
      '/',
      '/nothing',
      '/api',
      '/api/v1',
      '/api/v1/clusterss',
      '/docs/nothing',
      '/docs/..%2fREADME.md',
    ]) {
      expectProblem(await service.request(path), 404, /nothing at this path/);
    }
    expectProblem(await service.request('/health/live', { method: 'POST' }), 405, /it takes GET, HEAD/);
  });

  test('a path that leads out of the files of the page is 404', async () => {
    for (const path of ['/docs/../package.json', '/docs/%2e%2e/package.json', '/docs/.', '/docs/%00']) {
      expectProblem(await service.request(path), 404, /nothing at this path/);
    }
  });

  test('a path that cannot be decoded is 400', async () => {
    expectProblem(await service.request('/%zz'), 400, /^path: a percent sign/);
  });
});

test('successful answers are application/json', async () => {
  for (const route of ['/jobs/list', '/jobs/count', '/jobs/one?job_id=1', '/nodes/list', '/gpu/one?gpu_name=v100']) {
    const answer = await service.request(route, { key });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(answer.headers['x-request-id']).toBeDefined();
  }
});

test('a filter that matches nothing, an unknown cluster included, is an empty list or {} with 200', async () => {
  for (const [route, body] of [
    ['/jobs/list?user=nobody', []],
    ['/jobs/list?cluster_name=nowhere', []],
    ['/jobs/count?cluster_name=nowhere', { count: 0 }],
    ['/jobs/one?job_id=1&cluster_name=nowhere', {}],
    ['/nodes/list?cluster_name=nowhere', []],
    ['/nodes/one?name=nobody', {}],
    ['/nodes/one/gpu?name=nobody', {}],
    ['/gpu/one?gpu_name=nothing', {}],
  ] as const) {
    expect(await service.request(route, { key })).toMatchObject({ status: 200, body });
  }
});
