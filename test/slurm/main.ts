import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

import { helpText, readOptions, type SlurmTestOptions, UsageError } from './options.ts';
import { RELEASE_VARIABLE, removeLeftovers, rootOf } from './support/index.ts';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
/** Whatever installs a release does so inside a test's preparation. */
const LIMIT_MS = 20 * 60_000;
/** Of a file, told at the same time: they mostly wait for the same readings of one Slurm. */
const MOST_STORIES = 50;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText());
    return 0;
  }
  try {
    return await runJest(options);
  } finally {
    await removeLeftovers(rootOf(options.release));
  }
}

/** @returns its exit code */
async function runJest({ release, jest }: SlurmTestOptions): Promise<number> {
  const chosen = [
    '--selectProjects',
    'slurm',
    '--config',
    'jest.config.mjs',
    '--runInBand',
    `--maxConcurrency=${MOST_STORIES}`,
    `--testTimeout=${LIMIT_MS}`,
  ];
  const environment = { ...process.env, [RELEASE_VARIABLE]: release };
  const child = spawn(process.execPath, [...JEST, ...chosen, ...jest], { stdio: 'inherit', env: environment });
  // Slurm ends with jest, and its files are removed after it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    const hint = '\nnpm run test:slurm -- --help lists the options.';
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${usage ? hint : ''}\n`);
    process.exit(usage ? 2 : 1);
  },
);
