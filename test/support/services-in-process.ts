import type { INestApplicationContext } from '@nestjs/common';
import { readConfiguration } from '#libs/common';
import { openDatabase } from '#libs/database';
import { withServices } from '../../apps/cli/session.js';

export interface OpenServices {
  services: INestApplicationContext;
  close: () => Promise<void>;
}

/** The libraries' services in this process, on the database that the environment names, for as long as they are wanted. */
export function openServices(environment: NodeJS.ProcessEnv): Promise<OpenServices> {
  return new Promise((opened, reject) => {
    const closed = withOpenServices(environment, (services) => {
      return new Promise<void>((end) => {
        opened({
          services,
          close: async () => {
            end();
            await closed;
          },
        });
      });
    });
    closed.catch(reject);
  });
}

async function withOpenServices(
  environment: NodeJS.ProcessEnv,
  work: (services: INestApplicationContext) => Promise<void>,
): Promise<void> {
  const configuration = readConfiguration({ ...environment, LOG_LEVEL: 'silent' });
  const database = await openDatabase(configuration, () => undefined);
  try {
    await withServices(database, configuration, work);
  } finally {
    await database.close();
  }
}
