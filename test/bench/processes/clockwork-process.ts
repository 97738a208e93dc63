import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { follow, type ServingProcess, startServing } from './child-process.ts';

const API = fileURLToPath(new URL('../../../dist/apps/api/main.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../../bin/clockwork.js', import.meta.url));

function environment(mongodbUri: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'info',
    MONGODB_URI: mongodbUri,
  };
}

/** The API as it is built, in its default configuration. */
export function startApi(mongodbUri: string, directory: string): Promise<ServingProcess> {
  return startServing(API, environment(mongodbUri), join(directory, 'api.log'));
}

/**
 * Runs `clockwork …`.
 * @returns its standard output
 * @throws with what it said where it fails
 */
export async function clockwork(
  mongodbUri: string,
  args: readonly string[],
  input: Iterable<string> = [],
): Promise<string> {
  const child = follow(spawn(process.execPath, [CLI, ...args], { env: environment(mongodbUri), stdio: 'pipe' }));
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a command has no pipes');
  const exited = once(child, 'exit');
  // A command that fails leaves its input unread; what it says counts.
  const written = pipeline(Readable.from(input), stdin).catch(() => undefined);
  const [output, talk] = await Promise.all([text(stdout), text(stderr), written]);
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`clockwork ${args.join(' ')} exited ${String(code)}: ${talk}`);
  return output;
}
