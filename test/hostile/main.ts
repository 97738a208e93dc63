import { runJest } from '../support/jest-run.ts';
import { SEED_VARIABLE, SHORT_VARIABLE } from './campaign.ts';
import { helpText, type HostileOptions, readOptions, UsageError } from './options.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText());
    return 0;
  }
  process.stdout.write(`seed ${options.seed}\n`);
  return runHostile(options);
}

/** @returns jest's exit code */
function runHostile({ short, seed, only, jest }: HostileOptions): Promise<number> {
  const files = only === null ? [] : ['--testPathPatterns', `/${only}\\.hostile`];
  const environment = { [SEED_VARIABLE]: String(seed), ...(short ? { [SHORT_VARIABLE]: '1' } : {}) };
  return runJest('hostile', [...jest, ...files], environment);
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
