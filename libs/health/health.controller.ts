import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenRoute } from '#libs/auth';
import { JSON_MEDIA_TYPE, REQUEST_ID_HEADER } from '#libs/common';
import { Indexes } from '#libs/database';
import { Readiness } from './readiness.js';

const STATUS_SCHEMA = {
  type: 'object',
  properties: { status: { type: 'string', enum: ['yes', 'no'] } },
  required: ['status'],
  additionalProperties: false,
} as const;

const answer = (status: number, description: string, example: string) =>
  ApiResponse({
    status,
    description,
    headers: {
      ...REQUEST_ID_HEADER,
      'Cache-Control': { description: '`no-store`: it holds for the moment.', schema: { type: 'string' } },
      ...(status === (HttpStatus.SERVICE_UNAVAILABLE as number)
        ? { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' as const } } }
        : {}),
    },
    content: { [JSON_MEDIA_TYPE]: { schema: STATUS_SCHEMA as never, example: { status: example } } },
  });

/** For balancers and supervisors: yes or no, and nothing more, to anybody. */
@ApiTags('health')
@OpenRoute()
@Controller('/health')
export class HealthController {
  constructor(
    private readonly indexes: Indexes,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'isLive', summary: 'Whether the process runs' })
  @answer(200, 'It does.', 'yes')
  live(): { status: string } {
    return { status: 'yes' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'isReady', summary: 'Whether requests can be answered' })
  @answer(200, 'They can: the database answers and its indexes exist.', 'yes')
  @answer(
    503,
    'They cannot, for the moment; or this process is about to stop, and answers on until a balancer has noticed.',
    'no',
  )
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string }> {
    if (!this.readiness.isStopping && (await this.indexes.complete().catch(() => false))) return { status: 'yes' };
    void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('Retry-After', '1');
    return { status: 'no' };
  }
}
