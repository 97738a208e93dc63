import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ClustersModule } from '#libs/clusters';
import { AdminHealthController } from './admin-health.controller.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { Heartbeat } from './heartbeat.service.js';
import { ProcessRecord, ProcessRecordSchema } from './process-record.schema.js';
import { ProcessRecords } from './process-records.service.js';
import { Readiness } from './readiness.js';
import { ThisProcess } from './this-process.js';

@Module({
  imports: [ClustersModule, MongooseModule.forFeature([{ name: ProcessRecord.name, schema: ProcessRecordSchema }])],
  controllers: [HealthController, AdminHealthController],
  providers: [Readiness, HealthService, Heartbeat, ProcessRecords, ThisProcess],
  exports: [Readiness, HealthService, Heartbeat],
})
export class HealthModule {}
