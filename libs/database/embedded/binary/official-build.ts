import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { watchFetch } from './fetch-progress.js';

export const OFFICIAL_VERSION = '8.2.6';

/** Short: a machine that reaches package registries alone must get to the wheel soon. */
const STALL_MS = 20_000;

/** What the worker is given. */
export interface OfficialBuildRequest {
  directory: string;
  version: string;
}

/**
 * Fetches the server that MongoDB builds for this system into a directory.
 *
 * In a worker, because mongodb-memory-server-core takes its settings from the environment, writes its progress on stdout
 * and cannot be cancelled: there it has an environment and a stdout of its own, and can be terminated.
 *
 * @returns the binary's path, inside the directory
 */
export async function fetchOfficialBuild(directory: string, report: (message: string) => void): Promise<string> {
  const name = `MongoDB ${OFFICIAL_VERSION} from mongodb.org`;
  report(`fetching ${name} (about 90 MB)`);
  const found = await watchFetch(
    {
      directory,
      stallMs: STALL_MS,
      report: (megabytes) => {
        report(`fetching ${name}: ${megabytes} MB`);
      },
    },
    (signal) => runWorker({ directory, version: OFFICIAL_VERSION }, signal),
  );
  // A copy, since what the package found may be another program's cached build.
  const binary = join(directory, 'mongod');
  await copyFile(found, binary);
  return binary;
}

async function runWorker(request: OfficialBuildRequest, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./official-build.worker.js', import.meta.url), {
    workerData: request,
    env: workerEnvironment(process.env),
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        reject(new Error(`the fetching worker ended with ${code}`));
      });
      signal.addEventListener('abort', () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
      });
    });
  } finally {
    await worker.terminate();
  }
}

/** Would put another binary in place of the fetched one, or fill the worker's output. */
const NOT_PASSED_ON = ['MONGOMS_SYSTEM_BINARY', 'MONGOMS_DEBUG'];

/** The person's other MONGOMS_* settings, such as a mirror, hold. */
function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_PASSED_ON.includes(name))),
    MONGOMS_MD5_CHECK: 'true',
    MONGOMS_MAX_RETRIES: '2',
    MONGOMS_RUNTIME_DOWNLOAD: 'true',
    // The package verifies the download host's certificate only when npm's strict-ssl is spelled out.
    npm_config_strict_ssl: 'true',
  };
}
