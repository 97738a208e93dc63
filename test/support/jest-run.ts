import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/**
 * Runs one project of jest's configuration in a process of its own, which is told to end when this one is.
 * @returns its exit code
 */
export async function runJest(
  project: string,
  options: readonly string[],
  environment: Record<string, string>,
): Promise<number> {
  const chosen = ['--selectProjects', project, '--config', 'jest.config.mjs', '--runInBand'];
  const child = spawn(process.execPath, [...JEST, ...chosen, ...options], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
