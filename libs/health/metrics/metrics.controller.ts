import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DuringOutages, MetricsRoute } from '#libs/auth';
import { MetricsAnswer } from './metrics.openapi.js';
import { MetricsService } from './metrics.service.js';

/** For Prometheus, and whatever reads its formats. */
@ApiTags('health')
@MetricsRoute()
@Controller('/metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @DuringOutages()
  @MetricsAnswer()
  async scrape(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { contentType, text } = await this.metrics.scrape(accept);
    void reply.type(contentType).header('Cache-Control', 'no-store').header('Vary', 'Accept, Accept-Encoding');
    return Buffer.from(text);
  }
}
