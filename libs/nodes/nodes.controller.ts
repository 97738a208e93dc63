import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, CurrentCaller } from '#libs/auth';
import { Freshness, type FreshnessQuestion } from '#libs/clusters';
import { API_BASE, JSON_MEDIA_TYPE } from '#libs/common';
import { type ListBody, ListsService } from '#libs/lists';
import { NodeGpuAnswer, NodeOneAnswer, NodesListAnswer } from './nodes.openapi.js';
import { type ClusterQuery, NodeOneQuery, NodesListQuery } from './nodes.queries.js';
import { NodesService } from './nodes.service.js';

@ApiTags('nodes')
@Controller(`${API_BASE}/nodes`)
export class NodesController {
  constructor(
    private readonly nodes: NodesService,
    private readonly lists: ListsService,
    private readonly freshness: Freshness,
  ) {}

  @Get('list')
  @NodesListAnswer()
  list(
    @CurrentCaller() caller: Caller,
    @Query() query: NodesListQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody> {
    return this.freshness.ofClusters(reply, shownTo(caller, query), () =>
      this.lists.answer(request, reply, this.nodes.list(caller, query)),
    );
  }

  @Get('one')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @NodeOneAnswer()
  one(
    @CurrentCaller() caller: Caller,
    @Query() query: NodeOneQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.freshness.ofOne(reply, shownTo(caller, query), () => this.nodes.one(caller, query));
  }

  @Get('one/gpu')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @NodeGpuAnswer()
  gpu(
    @CurrentCaller() caller: Caller,
    @Query() query: NodeOneQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.freshness.ofOne(reply, shownTo(caller, query), () => this.nodes.gpuOfOne(caller, query));
  }
}

function shownTo(caller: Caller, { cluster_name }: ClusterQuery): FreshnessQuestion {
  return { shown: 'nodes', caller, asked: cluster_name };
}
