import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ApiAnswer, type ApiRequest, sendRequest } from './api-client.js';
import { prepare } from './prepared-data.js';
import { watchProcess, type WatchedProcess } from './process-output.js';

export const API = fileURLToPath(new URL('../../dist/apps/api/main.js', import.meta.url));
export const CLI = fileURLToPath(new URL('../../bin/clockwork.js', import.meta.url));

export interface CliAnswer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A running API on a database of its own, and the command line on the same database. */
export interface ClockworkService extends ApiProcess {
  /** Its environment, to start more processes on the same database. */
  environment: NodeJS.ProcessEnv;
  /** Sends a request (default: GET) and holds the answer against the OpenAPI document. */
  request(path: string, options?: ApiRequest): Promise<ApiAnswer>;
  cli(args: readonly string[], input?: string): Promise<CliAnswer>;
  /** Imports an object of parts, which must be taken whole. */
  load(parts: object): Promise<void>;
  /** Adds a user where there is none, and makes a key. */
  keyOf(email: string, userOptions?: readonly string[]): Promise<string>;
}

export async function startService(environment: NodeJS.ProcessEnv = {}): Promise<ClockworkService> {
  const complete = { ...process.env, LOG_FORMAT: 'json', PORT: '0', MONGODB_URI: newDatabase(), ...environment };
  const api = await startApi(complete);
  return serviceOf(api, complete);
}

/** A connection string for a database that nobody else uses, on the tests' server. */
export function newDatabase(): string {
  const server = process.env['CLOCKWORK_TEST_MONGODB'];
  if (server === undefined) throw new Error('the tests need their database: run them with npm test');
  const [base = '', options = ''] = server.split('/?');
  return `${base}/e2e_${randomBytes(6).toString('hex')}?${options}`;
}

/** An API process, whoever has its database. */
export interface ApiProcess {
  url: string;
  process: WatchedProcess;
  stop(): Promise<void>;
}

/** Another API process, on the database that the environment names. */
export async function startApi(environment: NodeJS.ProcessEnv): Promise<ApiProcess> {
  const watched = watchProcess(process.execPath, [API], { env: environment });
  const [, url = ''] = await watched.printed(/answers at (\S+)/);
  const stop = async (): Promise<void> => {
    watched.child.kill('SIGTERM');
    await watched.ended;
  };
  return { url, process: watched, stop };
}

export async function runCli(
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
  input?: string,
): Promise<CliAnswer> {
  const watched = watchProcess(process.execPath, [CLI, ...args], {
    env: environment,
    ...(input === undefined ? {} : { stdio: 'pipe' }),
  });
  watched.child.stdin?.end(input);
  const { code } = await watched.ended;
  return { code, stdout: watched.stdout(), stderr: watched.stderr() };
}

function serviceOf(api: ApiProcess, environment: NodeJS.ProcessEnv): ClockworkService {
  const cli = (args: readonly string[], input?: string) => runCli(environment, args, input);
  const users = new Set<string>();
  return {
    ...api,
    environment,
    request: (path, options) => sendRequest(api.url, path, options),
    cli,
    load: async (parts) => {
      await prepare(environment, ['import'], JSON.stringify(parts));
    },
    keyOf: async (email, userOptions = []) => {
      if (!users.has(email)) await prepare(environment, ['users', 'add', email, ...userOptions]);
      users.add(email);
      return (await prepare(environment, ['keys', 'create', email])).trim();
    },
  };
}
