import { NestFactory } from '@nestjs/core';
import { ClusterLeases, ClusterStates } from '#libs/clusters';
import { createLogger, NestLogger, readConfiguration } from '#libs/common';
import { Indexes, openDatabase } from '#libs/database';
import { CliModule } from '../../apps/cli/cli.module.js';

/** What a collector writes with, on a connection of its own. */
export interface ClusterServices {
  states: ClusterStates;
  leases: ClusterLeases;
  close(): Promise<void>;
}

export async function openClusterServices(environment: NodeJS.ProcessEnv): Promise<ClusterServices> {
  const configuration = readConfiguration({ ...environment, LOG_LEVEL: 'silent' });
  const database = await openDatabase(configuration, () => undefined);
  const logger = createLogger(configuration);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
  const services = await NestFactory.createApplicationContext(CliModule.of(database, logger), {
    logger: new NestLogger(logger),
  });
  await services.get(Indexes).create();
  return {
    states: services.get(ClusterStates),
    leases: services.get(ClusterLeases),
    close: async () => {
      await services.close();
      await database.close();
    },
  };
}
