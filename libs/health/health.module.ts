import { Module } from '@nestjs/common';
import { MetricsModule } from '#libs/metrics';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsService } from './metrics/metrics.service.js';

@Module({ imports: [MetricsModule], controllers: [HealthController, MetricsController], providers: [MetricsService] })
export class HealthModule {}
