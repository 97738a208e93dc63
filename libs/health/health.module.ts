import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ClustersModule } from '#libs/clusters';
import { MetricsModule } from '#libs/metrics';
import { AdminHealthController } from './admin-health.controller.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { Heartbeat } from './heartbeat.service.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsService } from './metrics/metrics.service.js';
import { ProcessRecord, ProcessRecordSchema } from './process-record.schema.js';
import { ProcessRecords } from './process-records.service.js';
import { Readiness } from './readiness.js';
import { ThisProcess } from './this-process.js';

@Module({
  imports: [
    ClustersModule,
    MetricsModule,
    MongooseModule.forFeature([{ name: ProcessRecord.name, schema: ProcessRecordSchema }]),
  ],
  controllers: [HealthController, AdminHealthController, MetricsController],
  providers: [Readiness, HealthService, Heartbeat, ProcessRecords, ThisProcess, MetricsService],
  exports: [Readiness, HealthService, Heartbeat],
})
export class HealthModule {}
