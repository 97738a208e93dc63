import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuthModule } from '#libs/auth';
import { ClustersModule } from '#libs/clusters';
import { LoggerModule } from '#libs/common';
import { DatabaseModule, type OpenDatabase } from '#libs/database';
import { GpuModule } from '#libs/gpu';
import { HealthModule } from '#libs/health';
import { JobsModule } from '#libs/jobs';
import { NodesModule } from '#libs/nodes';

@Module({})
export class CollectorModule {
  static of(database: OpenDatabase, logger: Logger): DynamicModule {
    return {
      module: CollectorModule,
      imports: [
        LoggerModule.of(logger),
        DatabaseModule.of(database),
        AuthModule,
        ClustersModule,
        HealthModule,
        JobsModule,
        NodesModule,
        GpuModule,
      ],
    };
  }
}
