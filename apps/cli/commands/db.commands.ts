import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AUDIT_COLLECTION, auditEntry, commandActor } from '#libs/audit';
import { type Configuration, readConfiguration } from '#libs/common';
import {
  backUp,
  BackupError,
  Indexes,
  type Manifest,
  openDatabase,
  type OpenDatabase,
  restore,
  schemaOf,
} from '#libs/database';
import { GpuService } from '#libs/gpu';
import { CommandFailure } from '../command-failure.js';
import { printRows } from '../rows.js';
import { withServices, withSession } from '../session.js';
import { talk } from '../talk.js';

const COLUMNS = ['kind', 'version', 'database', 'schema', 'indexes', 'jobs', 'nodes', 'gpu', 'users', 'data_bytes'];
const SAVED_COLUMNS = ['directory', 'taken', 'consistent', 'schema', 'collections', 'documents', 'bytes'];

const AFTER_BACKUP_HELP = `
Everything that is stored, as it is at one instant, while the service goes on: jobs with their dicts, replaced jobs, nodes,
GPUs, users, keys (as the hashes that they are stored as), settings. Whoever can read the directory can read all of it; it
is made for its owner alone. What is not finished is called DIRECTORY.unfinished-…, and can be deleted.

Example:
  clockwork db backup /backups/clockwork-$(date +%F)
`;

const AFTER_RESTORE_HELP = `
Every file is compared with its SHA-256 first. The backup is stored beside what is there and takes its place at the end;
cut off before that, nothing has changed, and cut off meanwhile, the next start of any command or of the API finishes it.

Example, into an empty database beside the one in use:
  CLOCKWORK_DATA_DIR=data-restored clockwork db restore /backups/clockwork-2026-01-05
`;

export function addDbCommands(program: Command): void {
  const db = program.command('db').description('the database');

  db.command('status')
    .description('say where the data is and what there is of it; exits 1 where the database cannot be reached')
    .action(() =>
      withSession(async ({ services, database }) => {
        const { connection, kind } = database;
        const store = connection.db;
        if (store === undefined) throw new Error('the connection is closed');
        const info = await store.admin().serverInfo();
        const stats = await store.stats();
        const count = (name: string) => connection.collection(name).estimatedDocumentCount();
        printRows(
          [
            {
              kind,
              version: String(info['version']),
              database: store.databaseName,
              schema: (await schemaOf(store)).schema,
              indexes: await services.get(Indexes).complete(),
              jobs: await count('jobs'),
              nodes: await count('nodes'),
              gpu: await services.get(GpuService).countImported(),
              users: await count('users'),
              data_bytes: Number(stats['dataSize']),
            },
          ],
          COLUMNS,
        );
      }),
    );

  db.command('backup')
    .argument('<directory>', 'where to: one that is not there yet, or is empty')
    .option('--inconsistent', 'also from a MongoDB without snapshots, each collection as it is at another moment')
    .description('save everything that is stored, while the service goes on')
    .addHelpText('after', AFTER_BACKUP_HELP)
    .action((directory: string, { inconsistent = false }: { inconsistent?: boolean }) =>
      withDatabase(async (database) => {
        printSaved(directory, await backUp(database, directory, { inconsistent, report: talk }));
      }),
    );

  db.command('restore')
    .argument('<directory>', 'a directory that "clockwork db backup" has written')
    .option('--replace', 'also over data that is there, all of which is lost but the audit log')
    .description('bring a backup back')
    .addHelpText('after', AFTER_RESTORE_HELP)
    .action((directory: string, { replace = false }: { replace?: boolean }) =>
      withDatabase(async (database, configuration) => {
        const log = { collection: AUDIT_COLLECTION, entry: (manifest: Manifest) => restoreEntry(directory, manifest) };
        const manifest = await restore(database, directory, { replace, log, report: talk });
        // What an earlier version has saved becomes what this one stores.
        await withServices(database, configuration, () => Promise.resolve());
        printSaved(directory, manifest);
      }),
    );
}

/** Opens the database as it is: one that this version would not start on can be saved, and replaced. */
async function withDatabase(
  work: (database: OpenDatabase, configuration: Configuration) => Promise<void>,
): Promise<void> {
  const configuration = readConfiguration(process.env);
  const database = await openDatabase(configuration, talk);
  try {
    await work(database, configuration);
  } catch (error) {
    throw error instanceof BackupError ? new CommandFailure(error.message) : error;
  } finally {
    await database.close();
  }
}

function restoreEntry(directory: string, manifest: Manifest) {
  const target = resolve(directory);
  return auditEntry({ actor: commandActor(), what: 'data.restore', target, after: savedFields(manifest) });
}

function printSaved(directory: string, manifest: Manifest): void {
  printRows([{ directory, ...savedFields(manifest) }], SAVED_COLUMNS);
}

function savedFields({ taken, consistent, schema, collections }: Manifest) {
  const sum = (field: 'documents' | 'bytes') => collections.reduce((total, each) => total + each[field], 0);
  const counts = { collections: collections.length, documents: sum('documents'), bytes: sum('bytes') };
  return { taken, consistent, schema, ...counts };
}
