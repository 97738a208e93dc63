import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { fixturePath } from '../../../test/support/fake-commands.js';
import type { JobRecord } from '../job-record.js';
import { openSource } from './open-source.js';
import { type SlurmSource, SourceError } from './slurm-source.js';
import type { SlurmrestdSource } from './source-configuration.js';

const LIMITS = { timeLimitMs: 10_000, outputLimitBytes: 50_000_000 };
const never = new AbortController().signal;
const meta = '"meta": {"slurm": {"release": "24.11.5", "cluster": "mila"}}';
const EMPTY = `{${meta}, "errors": [], "warnings": [], "jobs": []}`;
const NO_SUCH_URL = 'Unable find requested URL. Please view /openapi/v3 for API reference.';

function told(number: number, error: string): string {
  return JSON.stringify({
    meta: {},
    jobs: [],
    errors: [{ description: '', error_number: number, error, source: 'x' }],
  });
}

/** What a slurmrestd answers: [status, body]; undefined is 404, as of one that does not offer that version. */
type Answer = (path: string, headers: IncomingMessage['headers']) => [number, string] | undefined;

let directory: string;
let server: Server;
let answer: Answer;
let asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
let handle: ((request: IncomingMessage, response: ServerResponse) => void) | null;
let connections = 0;
const open: SlurmSource[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-rest-'));
  asked = [];
  handle = null;
  connections = 0;
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    if (handle !== null) {
      handle(request, response);
      return;
    }
    const [status, body] = answer(request.url ?? '', request.headers) ?? [404, NO_SUCH_URL];
    response.writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain' });
    response.end(body);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function source(changes: Partial<SlurmrestdSource> = {}, limits = LIMITS): SlurmSource {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: SlurmrestdSource = { kind: 'slurmrestd', address: { url }, token: null, user: null, ...changes };
  const opened = openSource(configuration, limits, { timeZone: 'UTC' });
  open.push(opened);
  return opened;
}

/** A server of these versions that says this to the question itself. */
function offering(versions: readonly number[], answers: Answer): Answer {
  return (path, headers) => {
    if (!versions.some((version) => path.includes(`/v0.0.${version}/`))) return undefined;
    return path.includes('update_time=') ? [200, EMPTY] : answers(path, headers);
  };
}

async function failure(question: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await question.then(
    () => new Error('was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

const paths = (): string[] => asked.map(({ path }) => path);
const nothing = (): void => undefined;

describe('the version', () => {
  it('is the newest that is offered, and asked for once', async () => {
    const body = await readFile(fixturePath('slurm-24.11/slurmrestd-v0.0.42-jobs.json'), 'utf8');
    answer = offering([42, 41, 40], (path) => (path === '/slurm/v0.0.42/jobs' ? [200, body] : undefined));
    const rest = source();
    const jobs: JobRecord[] = [];
    const reading = await rest.jobs((batch) => void jobs.push(...batch), never);
    expect(reading).toMatchObject({ slurmVersion: '24.11.5', records: jobs.length, bytes: Buffer.byteLength(body) });
    expect(jobs.length).toBeGreaterThan(10);
    expect(paths()).toEqual(
      [45, 44, 43, 42]
        .map((version) => `/slurm/v0.0.${version}/jobs?update_time=4102444800`)
        .concat('/slurm/v0.0.42/jobs'),
    );
    await rest.jobs(nothing, never);
    expect(paths()).toHaveLength(6);
    expect(connections).toBe(1);
  });

  it('is found out again where it is not offered any more', async () => {
    answer = offering([42], () => [200, EMPTY]);
    const rest = source();
    await rest.jobs(nothing, never);
    answer = offering([45], () => [200, EMPTY]);
    // It is not told that there is no accounting.
    expect(await failure(rest.accounting({ jobIds: ['1'] }, nothing, never))).toMatchObject({ kind: 'failed' });
    await rest.jobs(nothing, never);
    expect(paths().at(-1)).toBe('/slurm/v0.0.45/jobs');
  });

  it('is none of ours', async () => {
    answer = () => undefined;
    expect((await failure(source().jobs(nothing, never))).message).toMatch(
      /none of the versions v0\.0\.36 to v0\.0\.45/,
    );
    expect(asked).toHaveLength(10);
  });

  it('is looked for below the path of the address, and 22.05 says 304', async () => {
    answer = (path) =>
      !path.startsWith('/rest/mila/slurm/v0.0.38/') ? undefined : path.includes('update') ? [304, ''] : [200, EMPTY];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rest/mila/`;
    await source({ address: { url } }).jobs(nothing, never);
    expect(paths().at(-1)).toBe('/rest/mila/slurm/v0.0.38/jobs');
  });
});

describe('accounting', () => {
  it.each([
    [38, ['/slurmdb/v0.0.38/jobs?skip_steps=true&step=1%2C2%2C3']],
    [42, ['/slurmdb/v0.0.42/job/1', '/slurmdb/v0.0.42/job/2', '/slurmdb/v0.0.42/job/3']],
  ])('of v0.0.%d is asked for jobs', async (version, expected) => {
    const record = '{"job_id": 7, "state": {"current": ["COMPLETED"]}}';
    answer = offering([version], () => [200, `{${meta}, "errors": [], "jobs": [${record}]}`]);
    const jobs: JobRecord[] = [];
    const reading = await source().accounting({ jobIds: ['1', '2', '3'] }, (batch) => void jobs.push(...batch), never);
    expect(paths().slice(-expected.length).sort()).toEqual(expected);
    expect(jobs).toHaveLength(expected.length);
    expect(reading).toMatchObject({ records: expected.length, slurmVersion: '24.11.5', clusterName: 'mila' });
  });

  it.each([
    [38, ''],
    [39, ''],
    [42, '&skip_steps=true&show_duplicates=true'],
  ])('of v0.0.%d is asked for a time', async (version, flags) => {
    answer = offering([version], () => [200, EMPTY]);
    await source().accounting({ from: 0, to: 1_700_000_000 }, nothing, never);
    expect(paths().at(-1)).toBe(`/slurmdb/v0.0.${version}/jobs?start_time=uts1000000&end_time=uts1700000000${flags}`);
  });

  it('has nothing, as 22.05 says it', async () => {
    answer = offering([38], () => [200, told(9003, 'Nothing found with query')]);
    expect(await source().accounting({ jobIds: ['9'] }, nothing, never)).toMatchObject({ records: 0 });
  });

  it('is not offered', async () => {
    answer = offering([45], (path) => (path.startsWith('/slurmdb') ? undefined : [200, EMPTY]));
    expect(await failure(source().accounting({ jobIds: ['9'] }, nothing, never))).toMatchObject({
      kind: 'no_accounting',
    });
  });

  it('is asked four jobs at a time, and no more once one has failed', async () => {
    let now = 0;
    let most = 0;
    handle = (request, response) => {
      if (request.url?.startsWith('/slurm/') === true) {
        response.end(EMPTY);
        return;
      }
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        const fails = request.url?.endsWith('/20') === true;
        response.writeHead(fails ? 500 : 200).end(fails ? 'Unspecified error' : EMPTY);
      }, 20);
    };
    const jobIds = Array.from({ length: 200 }, (_, id) => String(id + 1));
    expect(await failure(source().accounting({ jobIds }, nothing, never))).toMatchObject({ kind: 'failed' });
    expect(most).toBe(4);
    expect(asked.length).toBeLessThan(40);
  });
});

describe('a refusal', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJhZGEifQ.c2lnbmF0dXJl';
  const withToken = () => ({ token: { command: ['echo', `SLURM_JWT=${token}`] }, user: 'ada' });

  it.each([
    ['unauthorized', 511, told(1007, 'Protocol authentication error'), /scontrol token/],
    ['unauthorized', 401, 'Authentication failure', /scontrol token/],
    ['unauthorized', 401, '<html><h1>401 Unauthorized</h1></html>', /401 Unauthorized/],
    ['unauthorized', 200, told(1007, 'Protocol authentication error'), /scontrol token/],
    ['failed', 500, told(-1, 'Unspecified error'), /slurmctld does not answer, and where the token/],
    ['unreachable', 500, told(1, 'Unable to contact slurm controller (connect failure)'), /connect failure/],
    ['unreachable', 503, 'Service Unavailable', /503/],
    ['failed', 302, '', /redirects/],
    ['failed', 500, `echo of ${token}`, /echo of \[token\]/],
    ['unreadable', 200, '<html>Sign in</html>', /cannot be read/],
    ['unreadable', 200, EMPTY.slice(0, -20), /cannot be read/],
  ] as const)('%s: %d %s', async (kind, status, body, message) => {
    answer = offering([42], () => [status, body]);
    const error = await failure(source(withToken()).jobs(nothing, never));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(token);
    expect(asked.at(-1)?.headers).toMatchObject({ 'x-slurm-user-token': token, 'x-slurm-user-name': 'ada' });
  });

  it('of slurmdbd is one of the token where slurmctld refuses that too', async () => {
    const lost = told(7000, 'Unable to connect to database');
    answer = offering([42], () => [502, lost]);
    const rest = source(withToken());
    expect(await failure(rest.accounting({ jobIds: ['1'] }, nothing, never))).toMatchObject({ kind: 'unreachable' });
    answer = offering([42], () => [200, EMPTY]);
    await rest.jobs(nothing, never);
    answer = (path) => (path.startsWith('/slurmdb') ? [502, lost] : [511, told(1007, 'Protocol authentication error')]);
    expect(await failure(rest.accounting({ jobIds: ['1'] }, nothing, never))).toMatchObject({ kind: 'unauthorized' });
  });
});

describe('the token', () => {
  const claims = (exp: number, mark: string): string =>
    `e30.${Buffer.from(JSON.stringify({ exp, mark })).toString('base64url')}.c2ln`;
  const sent = () => asked.map(({ headers }) => headers['x-slurm-user-token']);

  it('comes from a file, and from a new one once there is one', async () => {
    answer = offering([45], () => [200, EMPTY]);
    const file = join(directory, 'token');
    await writeFile(file, '  first\n');
    const rest = source({ token: { file } });
    await rest.jobs(nothing, never);
    await writeFile(join(directory, 'next'), 'SLURM_JWT=other\n');
    await rename(join(directory, 'next'), file);
    await rest.jobs(nothing, never);
    expect([...new Set(sent())]).toEqual(['first', 'other']);
  });

  it.each([
    ['', /has nothing/],
    ['two words', /several words/],
    ['ä', /several words/],
  ])('is not in the file: %j', async (text, message) => {
    const file = join(directory, 'token');
    await writeFile(file, text);
    const error = await failure(source({ token: { file } }).jobs(nothing, never));
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toMatch(message);
    await rm(file);
    expect((await failure(source({ token: { file } }).jobs(nothing, never))).message).toMatch(/ENOENT.*scontrol token/);
  });

  it('of a command is used until shortly before its end', async () => {
    answer = offering([45], () => [200, EMPTY]);
    const calls = join(directory, 'calls');
    const prints = (exp: number): string[] => ['sh', '-c', `echo x >>${calls}; echo SLURM_JWT=${claims(exp, 'a')}`];
    const now = Math.floor(Date.now() / 1_000);
    const long = source({ token: { command: prints(now + 3_600) } });
    await Promise.all([long.jobs(nothing, never), long.jobs(nothing, never)]);
    await long.jobs(nothing, never);
    expect(await readFile(calls, 'utf8')).toBe('x\n');
    // Three seconds: nine tenths of them.
    const short = source({ token: { command: prints(now + 3) } });
    await short.jobs(nothing, never);
    await sleep(3_100);
    await short.jobs(nothing, never);
    expect((await readFile(calls, 'utf8')).length).toBeGreaterThanOrEqual(6);
  });

  it('of a command is asked for once more when it is refused', async () => {
    let valid = 'never';
    answer = (path, headers) => {
      if (!path.includes('v0.0.45')) return undefined;
      return headers['x-slurm-user-token']?.includes(valid) === true
        ? [200, EMPTY]
        : [511, told(1007, 'Protocol authentication error')];
    };
    const file = join(directory, 'printed');
    await writeFile(file, 'one');
    const rest = source({ token: { command: ['cat', file] } });
    valid = 'one';
    await rest.jobs(nothing, never);
    valid = 'two';
    await writeFile(file, 'two');
    await rest.jobs(nothing, never);
    expect(sent().at(-1)).toBe('two');
    // And not for ever.
    valid = 'three';
    const before = asked.length;
    expect(await failure(rest.jobs(nothing, never))).toMatchObject({ kind: 'unauthorized' });
    expect(asked.length - before).toBeLessThanOrEqual(2);
  });

  it('is not given by the command', async () => {
    const failing = source({ token: { command: ['sh', '-c', 'echo no key >&2; exit 2'] } });
    const error = await failure(failing.jobs(nothing, never));
    expect(error).toMatchObject({ kind: 'unauthorized' });
    expect(error.message).toMatch(/`sh` gave no token but ended by status 2: no key/);
  });
});

describe('an answer that does not come whole', () => {
  it('too late', async () => {
    handle = () => undefined;
    expect(await failure(source({}, { ...LIMITS, timeLimitMs: 300 }).jobs(nothing, never))).toMatchObject({
      kind: 'timeout',
    });
  });

  it('too slow', async () => {
    handle = (request, response) => {
      if (request.url?.includes('update_time') === true) response.end(EMPTY);
      else {
        const drip = setInterval(() => response.write(' '), 50);
        response.once('close', () => {
          clearInterval(drip);
        });
      }
    };
    expect(await failure(source({}, { ...LIMITS, timeLimitMs: 300 }).jobs(nothing, never))).toMatchObject({
      kind: 'timeout',
    });
  });

  it('without end', async () => {
    handle = (request, response) => {
      if (request.url?.includes('update_time') === true) {
        response.end(EMPTY);
        return;
      }
      response.once('error', nothing);
      response.write('{"jobs": [');
      const spaces = (): void => {
        while (response.write(' '.repeat(65_536)));
        response.once('drain', spaces);
      };
      spaces();
    };
    expect(await failure(source({}, { ...LIMITS, outputLimitBytes: 5_000_000 }).jobs(nothing, never))).toMatchObject({
      kind: 'too_large',
    });
  });

  it('cut off', async () => {
    handle = (request, response) => {
      if (request.url?.includes('update_time') === true) {
        response.end(EMPTY);
        return;
      }
      response.write('{"jobs": [');
      setTimeout(() => response.destroy(), 50);
    };
    expect(await failure(source().jobs(nothing, never))).toMatchObject({ kind: 'unreachable' });
  });

  it('because nobody listens', async () => {
    const error = await failure(source({ address: { socket: join(directory, 'none') } }).jobs(nothing, never));
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(error.message).toMatch(/ENOENT.*Is slurmrestd running/);
  });

  it('because it is not wanted any longer', async () => {
    handle = () => undefined;
    const abort = new AbortController();
    const question = source().jobs(nothing, abort.signal);
    setTimeout(() => {
      abort.abort(new Error('stop'));
    }, 100);
    await expect(question).rejects.toThrow('stop');
  });
});

it('is asked over a Unix socket', async () => {
  answer = offering([45], () => [200, EMPTY]);
  const socket = join(directory, 'rest');
  const local = createServer((_request, response) => response.end(EMPTY));
  await new Promise<void>((resolve) => local.listen(socket, resolve));
  expect(await source({ address: { socket } }).jobs(nothing, never)).toMatchObject({ records: 0 });
  local.closeAllConnections();
  await new Promise((resolve) => local.close(resolve));
});

it('leaves the errors of whoever takes the records as they are, one batch at a time', async () => {
  const record = '{"job_id": 7, "state": {"current": ["COMPLETED"]}}';
  answer = offering([45], () => [200, `{${meta}, "errors": [], "jobs": [${record}]}`]);
  let taking = 0;
  const take = async (): Promise<void> => {
    taking += 1;
    expect(taking).toBe(1);
    await sleep(20);
    taking -= 1;
  };
  const jobIds = ['1', '2', '3', '4', '5'];
  await source().accounting({ jobIds }, take, never);
  const thrown = Object.assign(new Error('not primary'), { code: 'ECONNRESET' });
  await expect(source().accounting({ jobIds }, () => Promise.reject(thrown), never)).rejects.toBe(thrown);
});
