import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API_BASE, JSON_MEDIA_TYPE } from '#libs/common';
import { type ListBody, ListsService } from '#libs/lists';
import { GpuListAnswer, GpuOneAnswer } from './gpu.openapi.js';
import { GpuOneQuery } from './gpu.queries.js';
import { GpuService } from './gpu.service.js';

@ApiTags('gpu')
@Controller(`${API_BASE}/gpu`)
export class GpuController {
  constructor(
    private readonly gpus: GpuService,
    private readonly lists: ListsService,
  ) {}

  @Get('list')
  @GpuListAnswer()
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ListBody> {
    return this.lists.answer(request, reply, this.gpus.list());
  }

  @Get('one')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @GpuOneAnswer()
  one(@Query() { gpu_name }: GpuOneQuery): Promise<Buffer> {
    return this.gpus.one(gpu_name);
  }
}
