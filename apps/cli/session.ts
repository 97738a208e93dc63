import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Configuration, createLogger, NestLogger, readConfiguration } from '#libs/common';
import { Indexes, Migrations, type OpenDatabase, openDatabase } from '#libs/database';
import { BuiltInGpus } from '#libs/gpu';
import { NodesService } from '#libs/nodes';
import { CliModule } from './cli.module.js';
import { talk } from './talk.js';

/** What a command works with: the services of the libraries on an open database. */
export interface Session {
  services: INestApplicationContext;
  database: OpenDatabase;
}

/** Opens the configured database for one command, and closes it again whatever happens. */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const configuration = readConfiguration(process.env);
  const database = await openDatabase(configuration, talk);
  try {
    return await withServices(database, configuration, (services) => work({ services, database }));
  } finally {
    await database.close();
  }
}

/** The libraries' services on a database that is open already, its indexes made and its catalogue of GPUs filled. */
export async function withServices<T>(
  database: OpenDatabase,
  configuration: Configuration,
  work: (services: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const logger = createLogger(configuration);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
  const services = await NestFactory.createApplicationContext(CliModule.of(database, logger), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  try {
    await services.get(Migrations).run(talk);
    await services.get(Indexes).create();
    await services.get(BuiltInGpus).fill(() => services.get(NodesService).refreshGpus());
    return await work(services);
  } finally {
    await services.close();
  }
}
