import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type AuditedFields, AuditLog, commandActor } from '#libs/audit';
import { CommandFailure } from '../command-failure.js';
import { importRecords } from '../import/import-records.js';
import { Importer, type PartSummary } from '../import/importer.js';
import { Progress } from '../progress.js';
import { ImportFormatError } from '../import/record-text.js';
import { withSession } from '../session.js';
import { talk } from '../talk.js';

const STDIN = '-';

const AFTER_HELP = `
FILE is {"users": […], "gpu": […], "nodes": [{slurm}], "jobs": [{slurm, cw, user}]}, each part optional, or the same one
record a line as {"jobs": {…}}, as "clockwork export" writes it. It is read in bounded memory, whatever its size.

The same file twice changes nothing. A job that is there keeps its user dict. A record that is not valid is named on
stderr and left out; the others are taken, and the exit is 1.

Examples:
  clockwork import jobs.json
  clockwork export | ssh other-host 'cd clockwork && npx clockwork import -'
`;

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .argument('<file>', `a file, or ${STDIN} for standard input`)
    .description('take users, GPUs, nodes and jobs from a file')
    .option('--replace-user-dicts', "let the file's user dicts replace those of jobs that are there")
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, options: { replaceUserDicts?: boolean }) => {
      const input = file === STDIN ? null : await opened(file);
      await withSession(async ({ services }) => {
        const progress = new Progress(input?.size ?? null);
        const importer = new Importer(services, {
          replaceUserDicts: options.replaceUserDicts ?? false,
          refuse: (where, what) => {
            progress.talk(`${where}: ${what}`);
          },
        });
        const record = (after: AuditedFields) => {
          const target = input === null ? STDIN : resolve(file);
          return services.get(AuditLog).record({ actor: commandActor(), what: 'data.import', target, after });
        };
        // An import that is killed has taken some.
        await record({ state: 'begun' });
        let broken: ImportFormatError | null = null;
        try {
          const source = input?.handle.createReadStream({ highWaterMark: 256 * 1024 }) ?? process.stdin;
          for await (const record of importRecords(progress.watch(source))) {
            await importer.take(record);
            progress.count();
          }
        } catch (error) {
          if (!(error instanceof ImportFormatError)) throw error;
          broken = error;
        } finally {
          await importer.finish();
          progress.end();
        }
        await record({ state: broken === null ? 'ended' : 'broken off', ...countsOf(importer.summary) });
        process.stdout.write(`${JSON.stringify(Object.fromEntries(importer.summary))}\n`);
        if (broken !== null) throw new CommandFailure(`${file}: ${broken.message}. What came before it was taken.`);
        if (importer.refused > 0) {
          const refused = importer.refused === 1 ? '1 record was' : `${importer.refused} records were`;
          throw new CommandFailure(`${refused} refused; the others were taken.`);
        }
        talk('All records were taken.');
      });
    });
}

/** Before the database is started for it. A pipe's size is not known. */
async function opened(file: string): Promise<{ handle: FileHandle; size: number | null }> {
  try {
    const handle = await open(file);
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('it is a directory');
    return { handle, size: stats.isFile() ? stats.size : null };
  } catch (error) {
    throw new CommandFailure(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Those that are not 0: `jobs_added` and the like. */
function countsOf(summary: ReadonlyMap<string, PartSummary>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [part, outcomes] of summary) {
    for (const [outcome, count] of Object.entries(outcomes) as [string, number][]) {
      if (count > 0) counts[`${part}_${outcome}`] = count;
    }
  }
  return counts;
}
