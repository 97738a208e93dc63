import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '#libs/auth';
import { API_BASE, JSON_MEDIA_TYPE } from '#libs/common';
import { ClustersListAnswer } from './clusters.openapi.js';
import { ClustersListQuery } from './clusters.queries.js';
import { ClustersService } from './clusters.service.js';

@ApiTags('clusters')
@Controller(`${API_BASE}/clusters`)
export class ClustersController {
  constructor(private readonly clusters: ClustersService) {}

  @Get('list')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @ClustersListAnswer()
  list(@CurrentCaller() caller: Caller, @Query() query: ClustersListQuery): Promise<Buffer> {
    return this.clusters.list(caller, query);
  }
}
