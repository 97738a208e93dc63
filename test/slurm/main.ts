import { runJest } from '../support/jest-run.ts';
import { helpText, readOptions, type SlurmTestOptions, UsageError } from './options.ts';
import { RELEASE_VARIABLE, removeLeftovers, rootOf } from './support/index.ts';

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
    return await runStories(options);
  } finally {
    await removeLeftovers(rootOf(options.release));
  }
}

/** @returns jest's exit code */
function runStories({ release, jest }: SlurmTestOptions): Promise<number> {
  // Slurm ends with jest, and its files are removed after it.
  const bounds = [`--maxConcurrency=${MOST_STORIES}`, `--testTimeout=${LIMIT_MS}`];
  return runJest('slurm', [...bounds, ...jest], { [RELEASE_VARIABLE]: release });
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
