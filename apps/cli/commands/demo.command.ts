import type { Command } from 'commander';
import { type Configuration, createLogger, readConfiguration } from '#libs/common';
import { openDatabase } from '#libs/database';
import { loadDemo } from '../demo/load-demo.js';
import { withServices } from '../session.js';
import { talk } from '../talk.js';

const DEMO_DATA_DIR = './data-demo';

const AFTER_HELP = `
It reads what the Slurm of a small cluster printed, with the code that reads live clusters, into a data directory of its
own (${DEMO_DATA_DIR}, or CLOCKWORK_DATA_DIR, never MONGODB_URI), makes a key, and prints curl lines to paste. Ctrl-C ends it; the data
stay, and starting it again is fine.
`;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('start the API on the recorded jobs of a real cluster')
    .addHelpText('after', AFTER_HELP)
    .action(async () => {
      // The server's libraries are for this command alone: the others start sooner without them.
      const { onceStopped, startApi } = await import('../../api/index.js');
      const configuration = demoConfiguration();
      const database = await openDatabase(configuration, talk);
      try {
        const demo = await withServices(database, configuration, loadDemo);
        const api = await startApi(configuration, database, createLogger(configuration));
        const stopped = onceStopped();
        process.stdout.write(`Clockwork answers at ${api.url}\n`);
        process.stdout.write(demo.introduction(api.url));
        await stopped;
        await api.close();
      } finally {
        await database.close();
      }
    });
}

/** Its made-up users and their keys must not get into a lab's database, so that of MONGODB_URI is not for it. */
function demoConfiguration(): Configuration {
  const { CLOCKWORK_DATA_DIR: given = '' } = process.env;
  const dataDir = given.trim() === '' ? DEMO_DATA_DIR : given;
  return readConfiguration({ ...process.env, CLOCKWORK_DATA_DIR: dataDir, MONGODB_URI: undefined });
}
