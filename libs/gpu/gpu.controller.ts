import type { Readable } from 'node:stream';
import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { API_BASE, JSON_MEDIA_TYPE } from '#libs/common';
import { GpuListAnswer, GpuOneAnswer } from './gpu.openapi.js';
import { GpuOneQuery } from './gpu.queries.js';
import { GpuService } from './gpu.service.js';

@ApiTags('gpu')
@Controller(`${API_BASE}/gpu`)
export class GpuController {
  constructor(private readonly gpus: GpuService) {}

  @Get('list')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @GpuListAnswer()
  list(): Promise<Readable> {
    return this.gpus.list();
  }

  @Get('one')
  @Header('Content-Type', JSON_MEDIA_TYPE)
  @GpuOneAnswer()
  one(@Query() { gpu_name }: GpuOneQuery): Promise<Buffer> {
    return this.gpus.one(gpu_name);
  }
}
