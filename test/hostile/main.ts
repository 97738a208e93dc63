import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { SEED_VARIABLE, SHORT_VARIABLE } from './campaign.ts';
import { helpText, type HostileOptions, readOptions, UsageError } from './options.ts';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText());
    return 0;
  }
  process.stdout.write(`seed ${options.seed}\n`);
  return runJest(options);
}

/** @returns its exit code */
async function runJest({ short, seed, only, jest }: HostileOptions): Promise<number> {
  const chosen = ['--selectProjects', 'hostile', '--config', 'jest.config.mjs', '--runInBand', ...jest];
  if (only !== null) chosen.push('--testPathPatterns', `/${only}\\.hostile`);
  const environment = { ...process.env, [SEED_VARIABLE]: String(seed), ...(short ? { [SHORT_VARIABLE]: '1' } : {}) };
  const child = spawn(process.execPath, [...JEST, ...chosen], { stdio: 'inherit', env: environment });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    const hint = '\nnpm run test:hostile -- --help lists the options.';
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${usage ? hint : ''}\n`);
    process.exit(usage ? 2 : 1);
  },
);
