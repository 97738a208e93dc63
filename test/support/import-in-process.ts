import { importRecords } from '../../apps/cli/import/import-records.js';
import { Importer } from '../../apps/cli/import/importer.js';
import { openServices } from './services-in-process.js';

export interface OpenImports {
  /** Takes an object of parts, as `clockwork import` does. */
  load(parts: object): Promise<void>;
  close(): Promise<void>;
}

/**
 * What `clockwork import` does, in this process, which opens the database once for any number of imports: it takes
 * milliseconds for one where the command takes most of a second to start.
 */
export async function openImports(environment: NodeJS.ProcessEnv): Promise<OpenImports> {
  const { services, close } = await openServices(environment);
  const load = async (parts: object): Promise<void> => {
    const importer = new Importer(services, {
      replaceUserDicts: false,
      refuse: (where, what) => {
        throw new Error(`${where}: ${what}`);
      },
    });
    for await (const record of importRecords(inOneChunk(parts))) await importer.take(record);
    await importer.finish();
  };
  return { load, close };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, whoever makes it
async function* inOneChunk(parts: object): AsyncGenerator<Buffer> {
  yield Buffer.from(JSON.stringify(parts));
}
