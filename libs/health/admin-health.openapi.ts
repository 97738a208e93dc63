import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiAnswers, type JsonSchema } from '#libs/common';
import { OVERALL, PARTS, STATUSES, UNITS } from './health-part.js';

const TIME: JsonSchema = { type: 'string', format: 'date-time' };

function objectOf(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const PART = objectOf({
  part: { type: 'string', enum: PARTS },
  about: { type: ['string', 'null'], description: 'Which one: a cluster, or a process as `HOST PID`.' },
  status: { type: 'string', enum: STATUSES, description: '`unknown`: it could not be looked at.' },
  since: {
    ...TIME,
    description:
      'When it came to this status, as the database tells, or else as the running processes have seen it, to ten seconds.',
  },
  message: { type: 'string', description: 'How it is, in words.' },
  advice: { type: ['string', 'null'], description: 'What to do; null where nothing is to be done.' },
  measured: {
    type: 'object',
    description: 'What was measured, by name.',
    additionalProperties: objectOf({
      value: { type: ['number', 'string', 'boolean', 'null'] },
      unit: { anyOf: [{ type: 'string', enum: UNITS }, { type: 'null' }] },
    }),
  },
});

const EXAMPLE = {
  status: 'degraded',
  checked_at: '2026-01-05T14:00:00.000Z',
  parts: [
    {
      part: 'database',
      about: null,
      status: 'ok',
      since: '2026-01-05T09:12:03.518Z',
      message: 'MongoDB 8.2.6 answers in 0.9 ms.',
      advice: null,
      measured: { reachable: { value: true, unit: null }, round_trip: { value: 0.9, unit: 'ms' } },
    },
    {
      part: 'cluster',
      about: 'mila',
      status: 'degraded',
      since: '2026-01-05T13:58:31.002Z',
      message: 'jobs failed 3 times in a row (timeout): squeue did not end within 60 s',
      advice: 'Where the collector runs, "clockwork collect --check --cluster mila" says what is wrong, and its log.',
      measured: { age: { value: 62.1, unit: 's' }, failures_in_a_row: { value: 3, unit: 'count' } },
    },
  ],
};

export const AdminHealthAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getHealth',
      summary: 'How all parts are',
      description:
        'For administrators. The answer is 200 whatever it says, within three seconds, also where the database hangs or is gone: then for keys of administrators that this process has accepted within the last hour. For a yes or no there is `/health/ready`.',
    }),
    ApiAnswers({
      success: {
        description: 'The worst status of all, and each part.',
        headers: {
          'Cache-Control': { description: '`no-store`: it holds for the moment.', schema: { type: 'string' } },
        },
        schema: objectOf({
          status: { type: 'string', enum: OVERALL },
          checked_at: TIME,
          parts: { type: 'array', items: PART },
        }),
        example: EXAMPLE,
      },
      403: "The key is not an administrator's.",
    }),
  );
