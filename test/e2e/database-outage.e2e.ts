import { request as httpRequest, type IncomingMessage } from 'node:http';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiAnswer, BASE, exchange } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import { leewayOf } from '../support/leeway.js';
import { NDJSON } from '../support/list-representations.js';

const WITHIN_MS = 3_000;
const EMAIL = 'ada@example.org';
/** Together larger than what the sockets and buffers between the database and a reader who has stopped can hold. */
const LIST_JOBS = 2_000;
const LIST_DICT_BYTES = 16 * 1024;

const READS = [
  '/jobs/list',
  '/jobs/list?user=ada&time=3600',
  '/jobs/count',
  '/jobs/one?job_id=1',
  '/nodes/list',
  '/nodes/one?name=cn-1',
  '/nodes/one/gpu?name=cn-1',
  '/gpu/list',
  '/gpu/one?gpu_name=rtx8000',
  '/clusters/list',
];

let scratch: string;
let dataDir: string;
let service: ClockworkService;
let key: string;
let leeway: number;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-outage-')));
  dataDir = join(scratch, 'data');
  const startedAt = performance.now();
  service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
  leeway = leewayOf(performance.now() - startedAt);
  key = await service.keyOf(EMAIL, ['--cluster-username', 'ada']);
  await service.load({
    gpu: [{ cw_name: 'rtx8000' }],
    nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-1', gres: 'gpu:rtx8000:1' } }],
    jobs: ['1', '2'].map((job_id) => ({
      slurm: { cluster_name: 'mila', job_id, job_state: 'RUNNING', mila_cluster_username: 'ada' },
    })),
  });
}, 60_000);

afterAll(async () => {
  await service.stop();
  await nothingRunsOn(dataDir, 30_000);
  await rm(scratch, { recursive: true, force: true });
});

async function signalMongod(signal: NodeJS.Signals): Promise<void> {
  process.kill(await mongodOn(dataDir), signal);
}

const update = (jobId: string, pairs: object): Promise<ApiAnswer> =>
  service.request('/jobs/user_dict_update', {
    method: 'PUT',
    key,
    json: { job_id: jobId, update_pairs: pairs },
  });

const everyRoute = (): Promise<ApiAnswer>[] => [
  ...READS.map((path) => service.request(path, { key })),
  update('1', { probed: true }),
  service.request('/health/ready'),
];

/** What an outage may answer, and nothing else: never a 500, never a key refused that is valid. */
function expectUnavailable(answer: ApiAnswer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(answer.text).not.toMatch(/mongo|ECONN|EPIPE|sock/i);
}

async function timed<T>(work: Promise<T>): Promise<[result: T, ms: number]> {
  const startedAt = performance.now();
  return [await work, performance.now() - startedAt];
}

async function works(): Promise<void> {
  for (const { status } of await Promise.all(everyRoute())) expect(status).toBe(200);
}

/** Updates job 1, one key after another, until told to stop. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly refused: ApiAnswer[] = [];
  private stopped = false;
  private readonly writing: Promise<void>;

  constructor(private readonly name: string) {
    this.writing = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.writing;
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.stopped; number += 1) {
      const written = `${this.name}_${number}`;
      const answer = await update('1', { [written]: number });
      if (answer.status === 200) {
        this.acknowledged.push(written);
      } else {
        this.refused.push(answer);
        await sleep(20);
      }
    }
  }
}

describe('a mongod that is killed', () => {
  it('under writers and readers: 503 meanwhile, all works within 3 s, and what was acknowledged is there', async () => {
    for (let round = 0; round < 2; round += 1) {
      const writers = Array.from({ length: 8 }, (_, at) => new Writer(`w${round}_${at}`));
      await eventually(async () => {
        await Promise.resolve();
        for (const writer of writers) expect(writer.acknowledged.length).toBeGreaterThan(3);
      }, 20_000);
      const reads: ApiAnswer[] = [];
      const killedAt = performance.now();
      await signalMongod('SIGKILL');
      await eventually(async () => {
        const answers = await Promise.all(everyRoute());
        reads.push(...answers);
        for (const { status } of answers) expect(status).toBe(200);
      }, 30_000);
      expect(performance.now() - killedAt).toBeLessThan(WITHIN_MS * leeway);
      const before = writers.map(({ acknowledged }) => acknowledged.length);
      await eventually(async () => {
        await Promise.resolve();
        writers.forEach(({ acknowledged }, at) => {
          expect(acknowledged.length).toBeGreaterThan(before[at] ?? 0);
        });
      }, 20_000);
      await Promise.all(writers.map((writer) => writer.stop()));

      const refused = [...writers.flatMap((writer) => writer.refused), ...reads.filter(({ status }) => status !== 200)];
      for (const answer of refused) expectUnavailable(answer);
      const { user } = (await service.request('/jobs/one?job_id=1', { key })).body as { user: object };
      const written = new Set(Object.keys(user));
      expect(writers.flatMap(({ acknowledged }) => acknowledged).filter((name) => !written.has(name))).toEqual([]);
    }
  }, 120_000);
});

describe('a mongod that hangs', () => {
  it('every route says 503 within 3 s, health/live goes on, and all works again when it does', async () => {
    await works();
    await signalMongod('SIGSTOP');
    try {
      // At once, when the driver has noticed nothing yet; and later, when it has.
      for (let round = 0; round < 2; round += 1) {
        for (const [answer, ms] of await Promise.all(everyRoute().map(timed))) {
          expectUnavailable(answer);
          expect(ms).toBeLessThan(WITHIN_MS * leeway);
        }
        const [live, ms] = await timed(service.request('/health/live'));
        expect(live.status).toBe(200);
        expect(ms).toBeLessThan(1_000 * leeway);
      }
    } finally {
      await signalMongod('SIGCONT');
    }
    await eventually(works, WITHIN_MS * leeway);
  }, 60_000);

  it('a list is 503 with its tag, and without it where it was asked for before: nobody can say that it is the same', async () => {
    await works();
    const { headers } = await exchange(service.url, `${BASE}/jobs/list`, { key });
    for (let turn = 0; turn < 3; turn += 1) await exchange(service.url, `${BASE}/jobs/list`, { key });
    await signalMongod('SIGSTOP');
    try {
      const conditions = [{ 'If-None-Match': headers.etag ?? '' }, { 'If-None-Match': '*' }, {}];
      const answers = conditions.map((condition) =>
        exchange(service.url, `${BASE}/jobs/list`, { key, headers: condition }),
      );
      for (const answer of await Promise.all(answers)) {
        expectUnavailable(answer);
        expect(answer.headers).not.toHaveProperty('etag');
      }
    } finally {
      await signalMongod('SIGCONT');
    }
    await eventually(works, WITHIN_MS * leeway);
  }, 60_000);

  it('the command line says that it does not answer, exit 1, instead of waiting', async () => {
    await signalMongod('SIGSTOP');
    try {
      const [{ code, stdout, stderr }, ms] = await timed(service.cli(['users', 'list']));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`The embedded database in ${dataDir} does not answer: `);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(ms).toBeLessThan(15_000 * leeway);
    } finally {
      await signalMongod('SIGCONT');
    }
    await eventually(works, WITHIN_MS * leeway);
  }, 60_000);
});

describe('in the middle of a long list', () => {
  beforeAll(async () => {
    const text = 'x'.repeat(LIST_DICT_BYTES);
    await service.load({
      jobs: Array.from({ length: LIST_JOBS }, (_, at) => ({
        slurm: { cluster_name: 'long', job_id: String(at + 1_000), job_state: 'RUNNING' },
        user: { text },
      })),
    });
  }, 60_000);

  it.each([
    ['killed', 'SIGKILL', 'application/json'],
    ['stopped', 'SIGSTOP', 'application/json'],
    ['killed', 'SIGKILL', NDJSON],
  ] as const)(
    'a mongod that is %s breaks the connection (%s) of a list as %s: a cut one is never a whole one',
    async (_how, signal, accept) => {
      const list = await beginList(accept);
      await signalMongod(signal);
      try {
        const { complete, text } = await list.rest();
        expect(complete).toBe(false);
        const last = text.slice(text.lastIndexOf('\n') + 1);
        expect(last).not.toBe('');
        expect(() => {
          JSON.parse(last);
        }).toThrow(SyntaxError);
      } finally {
        if (signal === 'SIGSTOP') await signalMongod('SIGCONT');
      }
      await eventually(works, 10_000 * leeway);
      const whole = await beginList('application/json');
      const { complete, text } = await whole.rest();
      expect(complete).toBe(true);
      expect(JSON.parse(text)).toHaveLength(LIST_JOBS);
    },
    60_000,
  );
});

/** Asks for the long list and reads nothing beyond its beginning until `rest` is called. */
async function beginList(accept: string): Promise<{ rest: () => Promise<{ complete: boolean; text: string }> }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, Accept: accept };
    httpRequest(`${service.url}${BASE}/jobs/list?cluster_name=long`, { headers })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, accept]);
  const chunks: Buffer[] = [];
  return {
    rest: () =>
      new Promise((resolve) => {
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        // A broken connection is an error here and no end; close comes after either.
        response.on('error', () => undefined);
        response.on('close', () => {
          resolve({ complete: response.complete, text: Buffer.concat(chunks).toString() });
        });
      }),
  };
}
