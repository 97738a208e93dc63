import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuthModule, RequestedJob } from '#libs/auth';
import { ClustersModule } from '#libs/clusters';
import { ListsModule } from '#libs/lists';
import { MetricsModule } from '#libs/metrics';
import { JobFigures } from './job-figures.service.js';
import { JobMoves } from './job-moves.service.js';
import { JobNames } from './job-names.service.js';
import { JobWriter } from './job-writer.js';
import { ArchivedJob, ArchivedJobSchema, Job, JobSchema } from './job.schema.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { LiveJobs } from './live-jobs.service.js';
import { UserDictService } from './user-dict.service.js';

@Module({
  imports: [
    AuthModule,
    ClustersModule,
    ListsModule,
    MetricsModule,
    MongooseModule.forFeature([
      { name: Job.name, schema: JobSchema },
      { name: ArchivedJob.name, schema: ArchivedJobSchema },
    ]),
  ],
  controllers: [JobsController],
  providers: [
    JobsService,
    UserDictService,
    JobWriter,
    JobNames,
    JobMoves,
    LiveJobs,
    JobFigures,
    { provide: RequestedJob, useExisting: UserDictService },
  ],
  exports: [JobsService, JobWriter, JobNames, LiveJobs],
})
export class JobsModule {}
