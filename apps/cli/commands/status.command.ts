import { NestFactory } from '@nestjs/core';
import type { Command } from 'commander';
import { type Configuration, createLogger, NestLogger, readConfiguration } from '#libs/common';
import { isStartFailure, openDatabase } from '#libs/database';
import { type HealthPart, type HealthReport, HealthService, withoutDatabase } from '#libs/health';
import { CliModule } from '../cli.module.js';
import { CommandFailure } from '../command-failure.js';
import { printRows } from '../rows.js';
import { talk } from '../talk.js';

const COLUMNS = ['part', 'about', 'status', 'since', 'message'];

const AFTER_HELP = `
Looks at the database, at what its collectors and API processes write down of themselves there, and at the disk of the
embedded database. Nothing is started or written. Exit: 0 all is well, 1 something is wrong, 2 wrong usage.

Examples:
  clockwork status                  a table on a terminal, else one JSON object a line for each part
  clockwork status --one-line       for Nagios and the like: CLOCKWORK OK: …
  clockwork status --json | jq 'select(.status != "ok") | .advice'
`;

interface Options {
  json?: boolean;
  oneLine?: boolean;
}

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('say how the database, the clusters, the processes and the disk are; exits 1 where something is wrong')
    .option('--json', 'one JSON object a line for each part, on a terminal too')
    .option('--one-line', 'one line of words alone')
    .addHelpText('after', AFTER_HELP)
    .action(async ({ json = false, oneLine = false }: Options) => {
      if (json && oneLine) throw new CommandFailure('--json and --one-line: one of them.', 2);
      const report = await look(readConfiguration(process.env));
      if (oneLine) process.stdout.write(`${lineOf(report)}\n`);
      else if (json || !process.stdout.isTTY) printLines(report);
      else printTable(report);
      const wrong = report.parts.filter(({ status }) => status !== 'ok');
      if (wrong.length > 0) throw new CommandFailure(`Not well: ${wrong.map(nameOf).join(', ')}.`);
    });
}

/** What can be told, whatever hangs or is gone. */
async function look(configuration: Configuration): Promise<HealthReport> {
  try {
    const database = await openDatabase(
      // A look waits for nobody.
      { ...configuration, lifecycle: { ...configuration.lifecycle, databaseWaitMs: 0 } },
      talk,
      { mayStart: false },
    );
    try {
      const logger = createLogger(configuration);
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
      const services = await NestFactory.createApplicationContext(CliModule.of(database, logger), {
        logger: new NestLogger(logger),
        abortOnError: false,
      });
      try {
        return await services.get(HealthService).look();
      } finally {
        await services.close();
      }
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!isStartFailure(error)) throw error;
    return withoutDatabase(configuration, error);
  }
}

function printLines({ parts }: HealthReport): void {
  for (const part of parts) process.stdout.write(`${JSON.stringify(part)}\n`);
}

/** And below it what to do. */
function printTable({ parts }: HealthReport): void {
  printRows(
    parts.map(({ part, about, status, since, message }) => ({ part, about, status, since, message })),
    COLUMNS,
  );
  for (const part of parts) {
    if (part.advice !== null) process.stdout.write(`\n${nameOf(part)}: ${part.advice}\n`);
  }
}

function lineOf({ status, parts }: HealthReport): string {
  const wrong = parts.filter((part) => part.status !== 'ok');
  const words =
    wrong.length === 0
      ? `${parts.length} parts are well`
      : wrong.map((part) => `${nameOf(part)} ${part.status}: ${part.message}`).join('; ');
  return `CLOCKWORK ${status.toUpperCase()}: ${words.replaceAll(/\s+/g, ' ')}`;
}

function nameOf({ part, about }: HealthPart): string {
  return about === null ? part : `${part} ${about}`;
}
