import 'reflect-metadata';
import { CommanderError } from 'commander';
import { AccountError } from '#libs/auth';
import { ConfigurationError, loadDotEnv } from '#libs/common';
import { isDatabaseOutage, isStartFailure } from '#libs/database';
import { CommandFailure } from './command-failure.js';
import { createProgram } from './program.js';
import { talk } from './talk.js';

const FAILED = 1;
const USAGE = 2;

/** A reader that has seen enough, such as `head`, closes our output: that is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : FAILED);
});

/** Talk that nobody hears is no reason to break off. */
process.stderr.on('error', () => undefined);

async function main(): Promise<number> {
  loadDotEnv();
  try {
    await createProgram().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof CommandFailure) {
      talk(error.message);
      return error.exitCode;
    }
    if (isDatabaseOutage(error)) {
      talk(`The database does not answer: ${(error as Error).message}`);
    } else if (error instanceof AccountError || error instanceof ConfigurationError || isStartFailure(error)) {
      talk(error.message);
    } else {
      talk(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    return FAILED;
  }
}

process.exitCode = await main();
