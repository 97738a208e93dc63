import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { ApiKeyGuard, AuthModule } from '#libs/auth';
import { ClustersModule } from '#libs/clusters';
import { type Configuration, LoggerModule, ProblemFilter, QueryPipe } from '#libs/common';
import { DatabaseModule, type OpenDatabase } from '#libs/database';
import { GpuModule } from '#libs/gpu';
import { HealthModule } from '#libs/health';
import { JobsModule } from '#libs/jobs';
import { LimitsModule } from '#libs/limits';
import { NodesModule } from '#libs/nodes';
import { AdminFallbackController, FallbackController, OpenFallbackController } from './fallback.controller.js';
import { NameRefillTask } from './name-refill.task.js';

@Module({})
export class ApiModule {
  static of({ limits }: Configuration, database: OpenDatabase, logger: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        LoggerModule.of(logger),
        LimitsModule.of(limits),
        DatabaseModule.of(database),
        AuthModule,
        JobsModule,
        NodesModule,
        GpuModule,
        ClustersModule,
        HealthModule,
      ],
      controllers: [AdminFallbackController, FallbackController, OpenFallbackController],
      providers: [
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_PIPE, useClass: QueryPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
        NameRefillTask,
      ],
    };
  }
}
