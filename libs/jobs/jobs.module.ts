import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '#libs/audit';
import { AuthModule, RequestedJob } from '#libs/auth';
import { ClustersModule } from '#libs/clusters';
import { ListsModule } from '#libs/lists';
import { MetricsModule } from '#libs/metrics';
import { ArchiveTurns } from './archive-turns.service.js';
import { ColdJob, ColdJobSchema } from './cold-job.schema.js';
import { ColdJobs } from './cold-jobs.service.js';
import { JobArchiver } from './job-archiver.js';
import { JobFigures } from './job-figures.service.js';
import { JobMoves } from './job-moves.service.js';
import { JobNames } from './job-names.service.js';
import { JobSearch } from './job-search.service.js';
import { JobWriter } from './job-writer.js';
import { ArchivedJob, ArchivedJobSchema, Job, JobSchema } from './job.schema.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { LiveJobs } from './live-jobs.service.js';
import { UserDictService } from './user-dict.service.js';

@Module({
  imports: [
    AuditModule,
    AuthModule,
    ClustersModule,
    ListsModule,
    MetricsModule,
    MongooseModule.forFeature([
      { name: Job.name, schema: JobSchema },
      { name: ArchivedJob.name, schema: ArchivedJobSchema },
      { name: ColdJob.name, schema: ColdJobSchema },
    ]),
  ],
  controllers: [JobsController],
  providers: [
    JobsService,
    UserDictService,
    JobWriter,
    JobNames,
    JobMoves,
    JobSearch,
    ColdJobs,
    ArchiveTurns,
    JobArchiver,
    LiveJobs,
    JobFigures,
    { provide: RequestedJob, useExisting: UserDictService },
  ],
  exports: [JobsService, JobWriter, JobNames, JobArchiver, ArchiveTurns, LiveJobs],
})
export class JobsModule {}
