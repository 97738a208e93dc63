import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AdminRoute, DuringOutages } from '#libs/auth';
import { ADMIN_BASE } from '#libs/common';
import { AdminHealthAnswer } from './admin-health.openapi.js';
import type { HealthReport } from './health-part.js';
import { HealthService } from './health.service.js';

@ApiTags('admin')
@AdminRoute()
@Controller(`${ADMIN_BASE}/health`)
export class AdminHealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @DuringOutages()
  @Header('Cache-Control', 'no-store')
  @AdminHealthAnswer()
  look(): Promise<HealthReport> {
    return this.health.look();
  }
}
