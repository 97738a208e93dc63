import { NestFactory } from '@nestjs/core';
import type { ClusterConfiguration } from '#libs/clusters';
import { type Configuration, createLogger, NestLogger } from '#libs/common';
import { Indexes, Migrations, openDatabase } from '#libs/database';
import { BuiltInGpus } from '#libs/gpu';
import { NodesService } from '#libs/nodes';
import { Collector } from './collector.js';
import { CollectorModule } from './collector.module.js';

/**
 * Opens the configured database with its indexes made, and closes it again whatever happens.
 * @param talk told what is waited for, for people
 */
export async function withCollector<T>(
  configuration: Configuration,
  clusters: readonly ClusterConfiguration[],
  talk: (message: string) => void,
  work: (collector: Collector) => Promise<T>,
): Promise<T> {
  const logger = createLogger(configuration);
  const database = await openDatabase(configuration, talk);
  try {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
    const context = await NestFactory.createApplicationContext(CollectorModule.of(database, logger), {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    try {
      await context.get(Migrations).run(talk);
      await context.get(Indexes).create();
      await context.get(BuiltInGpus).fill(() => context.get(NodesService).refreshGpus());
      return await work(new Collector(context, clusters, configuration.archive, logger));
    } finally {
      await context.close();
    }
  } finally {
    await database.close();
  }
}
