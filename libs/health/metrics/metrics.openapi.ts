import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { ApiErrors, KEY_HEADERS } from '#libs/common';
import { OPENMETRICS_MEDIA_TYPE, PROMETHEUS_MEDIA_TYPE } from '#libs/metrics';

const TEXT = {
  schema: { type: 'string' as const },
  example: '# TYPE clockwork_database_up gauge\nclockwork_database_up 1\n',
};

export const MetricsAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getMetrics',
      summary: 'What this process, the collector and the clusters do, for Prometheus',
      description:
        "Needs an administrator's key, or one with the scope `metrics`. OpenMetrics 1.0 for who asks for it by `Accept`, else the text format of Prometheus, 0.0.4. Answers while the database does not, too, with `clockwork_database_up 0`.",
    }),
    ApiResponse({
      status: 200,
      description: 'All figures.',
      headers: {
        ...KEY_HEADERS,
        'Cache-Control': { description: '`no-store`: it holds for the moment.', schema: { type: 'string' } },
      },
      content: { [PROMETHEUS_MEDIA_TYPE]: TEXT, [OPENMETRICS_MEDIA_TYPE]: TEXT },
    }),
    ApiErrors({ 403: "The key is neither an administrator's nor for metrics." }),
  );
