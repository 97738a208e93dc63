import { readConfiguration } from '#libs/common';
import { openDatabase } from '#libs/database';
import { importRecords } from '../../apps/cli/import/import-records.js';
import { Importer } from '../../apps/cli/import/importer.js';
import { withServices } from '../../apps/cli/session.js';

export interface OpenImports {
  /** Takes an object of parts, as `clockwork import` does. */
  load(parts: object): Promise<void>;
  close(): Promise<void>;
}

/**
 * What `clockwork import` does, in this process, which opens the database once for any number of imports: it takes
 * milliseconds for one where the command takes most of a second to start.
 */
export function openImports(environment: NodeJS.ProcessEnv): Promise<OpenImports> {
  return new Promise((opened, reject) => {
    const closed = withImports(environment, (load) => {
      return new Promise<void>((end) => {
        opened({
          load,
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

async function withImports(
  environment: NodeJS.ProcessEnv,
  work: (load: OpenImports['load']) => Promise<void>,
): Promise<void> {
  const configuration = readConfiguration({ ...environment, LOG_LEVEL: 'silent' });
  const database = await openDatabase(configuration, () => undefined);
  try {
    await withServices(database, configuration, (services) =>
      work(async (parts) => {
        const importer = new Importer(services, {
          replaceUserDicts: false,
          refuse: (where, what) => {
            throw new Error(`${where}: ${what}`);
          },
        });
        for await (const record of importRecords(inOneChunk(parts))) await importer.take(record);
        await importer.finish();
      }),
    );
  } finally {
    await database.close();
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, whoever makes it
async function* inOneChunk(parts: object): AsyncGenerator<Buffer> {
  yield Buffer.from(JSON.stringify(parts));
}
