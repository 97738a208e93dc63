import { Controller, Get, Header, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, CurrentCaller, JobOwnershipGuard } from '#libs/auth';
import { Freshness, type FreshnessQuestion } from '#libs/clusters';
import { API_BASE, JSON_MEDIA_TYPE } from '#libs/common';
import { type ListBody, ListsService } from '#libs/lists';
import { JobOneAnswer, JobsCountAnswer, JobsListAnswer, UserDictUpdateAnswer } from './jobs.openapi.js';
import { type ClusterChoice, JobOneQuery, JobsFilterQuery, JobsListQuery } from './jobs.queries.js';
import { JobsService } from './jobs.service.js';
import { UserDictService } from './user-dict.service.js';

@ApiTags('jobs')
@Controller(`${API_BASE}/jobs`)
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly userDicts: UserDictService,
    private readonly lists: ListsService,
    private readonly freshness: Freshness,
  ) {}

  @Get('list')
  @JobsListAnswer()
  list(
    @CurrentCaller() caller: Caller,
    @Query() query: JobsListQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody> {
    return this.freshness.ofClusters(reply, shownTo(caller, query), () =>
      this.lists.answer(request, reply, this.jobs.list(caller, query)),
    );
  }

  @Get('count')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @JobsCountAnswer()
  count(
    @CurrentCaller() caller: Caller,
    @Query() query: JobsFilterQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.freshness.ofClusters(reply, shownTo(caller, query), () => this.jobs.count(caller, query));
  }

  @Get('one')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @JobOneAnswer()
  one(
    @CurrentCaller() caller: Caller,
    @Query() query: JobOneQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.freshness.ofOne(reply, shownTo(caller, query), () => this.jobs.one(caller, query));
  }

  @Put('user_dict_update')
  @UseGuards(JobOwnershipGuard)
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @UserDictUpdateAnswer()
  updateUserDict(@CurrentCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Buffer> {
    return this.userDicts.update(request, caller);
  }
}

function shownTo(caller: Caller, { cluster_name }: ClusterChoice): FreshnessQuestion {
  return { shown: 'jobs', caller, asked: cluster_name };
}
