import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process that answers HTTP, with its log in a file, as under a service manager. */
export interface ServingProcess {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** Of this run's processes, those that have not ended. */
const running = new Set<ChildProcess>();
let ending = false;

/** Kept to be ended with the run. */
export function follow(child: ChildProcess): ChildProcess {
  if (ending) child.kill();
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends what this run has started and not yet stopped, or still starts. */
export async function stopAll(): Promise<void> {
  ending = true;
  await Promise.all([...running].map(stop));
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/**
 * Starts a program of ours that prints where it answers.
 * @throws with its log where it ends before
 */
export async function startServing(
  file: string,
  environment: NodeJS.ProcessEnv,
  logFile: string,
): Promise<ServingProcess> {
  const log = openSync(logFile, 'a');
  const child = follow(spawn(process.execPath, [file], { env: environment, stdio: ['ignore', 'pipe', log] }));
  closeSync(log);
  const url = await printedAddress(child);
  if (url === null) throw new Error(`${file} ended before it answered: ${readFileSync(logFile, 'utf8')}`);
  return { url, pid: Number(child.pid), stop: () => stop(child) };
}

async function printedAddress({ stdout }: ChildProcess): Promise<string | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /answers at (\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  return null;
}
