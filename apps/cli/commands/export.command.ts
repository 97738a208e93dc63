import { once } from 'node:events';
import type { INestApplicationContext } from '@nestjs/common';
import { Argument, type Command } from 'commander';
import { UsersService } from '#libs/auth';
import { GpuService } from '#libs/gpu';
import { JobsService } from '#libs/jobs';
import { bsonToJson } from '#libs/json';
import { NodesService } from '#libs/nodes';
import { type Part, PARTS } from '../import/importer.js';
import { withSession } from '../session.js';

const AFTER_HELP = `
Prints what "clockwork import" takes, one record a line, in bounded memory. Keys are never exported. In a job's "cw",
"filled_in" names the usernames that the users table filled in; an import works them out anew. GPUs that Clockwork knows
by itself are left out: every database has them. Archived jobs come behind the others.

Example:
  clockwork export users jobs > saved.ndjson
`;

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .addArgument(new Argument('[parts...]', 'what to export; all where left out').choices(PARTS))
    .description('print users, GPUs, nodes and jobs')
    .addHelpText('after', AFTER_HELP)
    .action((parts: Part[]) =>
      withSession(async ({ services }) => {
        for (const part of PARTS) {
          if (parts.length === 0 || parts.includes(part)) await exportPart(services, part);
        }
      }),
    );
}

async function exportPart(services: INestApplicationContext, part: Part): Promise<void> {
  switch (part) {
    case 'users':
      for (const user of await services.get(UsersService).list()) await print(part, JSON.stringify(user));
      return;
    case 'gpu':
      return exportAll(part, services.get(GpuService).findImported());
    case 'nodes':
      return exportAll(part, services.get(NodesService).findAll());
    case 'jobs':
      return exportAll(part, services.get(JobsService).exported());
  }
}

async function exportAll(part: Part, documents: AsyncIterable<Buffer>): Promise<void> {
  for await (const document of documents) await print(part, bsonToJson(document).toString());
}

/** Waits while whoever reads is slower. */
async function print(part: Part, record: string): Promise<void> {
  if (!process.stdout.write(`{"${part}":${record}}\n`)) await once(process.stdout, 'drain');
}
