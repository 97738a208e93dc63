import type { Command } from 'commander';
import { Indexes } from '#libs/database';
import { GpuService } from '#libs/gpu';
import { printRows } from '../rows.js';
import { withSession } from '../session.js';

const COLUMNS = ['kind', 'version', 'database', 'indexes', 'jobs', 'nodes', 'gpu', 'users', 'data_bytes'];

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
}
