import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiAnswers, type JsonSchema } from '#libs/common';
import { ACCOUNT_KINDS } from './cluster-configuration.js';
import { READING_KINDS } from './cluster.schema.js';

const TIME: JsonSchema = { type: 'string', format: 'date-time', description: 'ISO 8601 in UTC.' };
const TIME_OR_NULL: JsonSchema = { ...TIME, type: ['string', 'null'] };
const COUNT: JsonSchema = { type: 'integer', minimum: 0 };

const READING_FIELDS: Record<string, JsonSchema> = {
  observed_at: { ...TIME, description: 'When the cluster said so, ISO 8601 in UTC.' },
  duration: { type: 'number', minimum: 0, description: 'How long it took over its answer, in seconds.' },
  records: { ...COUNT, description: 'How many records it told of.' },
  skipped: { ...COUNT, description: 'How many records could not be read.' },
};

function readingSchema(description: string, more: Record<string, JsonSchema> = {}): JsonSchema {
  const properties = { ...READING_FIELDS, ...more };
  return {
    type: ['object', 'null'],
    description,
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

const FAILURE_FIELDS: Record<string, JsonSchema> = {
  what: { type: 'string', enum: [...READING_KINDS, 'write'], description: 'Which work fails.' },
  kind: { type: 'string', description: 'In a word, such as `unreachable`, `timeout` or `unreadable`.' },
  since: { ...TIME, description: 'The first time in a row, ISO 8601 in UTC.' },
  at: { ...TIME, description: 'The last time, ISO 8601 in UTC.' },
  consecutive: { type: 'integer', minimum: 1, description: 'How many times in a row.' },
};

const CLUSTER_FIELDS: Record<string, JsonSchema> = {
  name: { type: 'string', description: 'The cluster, as Clockwork names it.' },
  configured: { type: 'boolean', description: 'Whether it is still read; where not, what was last read stays.' },
  account_kind: { type: 'string', enum: ACCOUNT_KINDS, description: 'Which of the usernames its accounts are.' },
  time_zone: { type: 'string', description: 'IANA, such as `America/Toronto`.' },
  interval: { type: 'number', minimum: 0, description: 'Seconds from one reading to the next, when all is well.' },
  slurm_version: { type: ['string', 'null'] },
  observed_at: { ...TIME_OR_NULL, description: 'Of jobs and nodes, the older; null until both have been read.' },
  stale: { type: 'boolean', description: 'Whether that is longer ago than three intervals, or never was.' },
  jobs: readingSchema('The last reading of all jobs that was whole.'),
  nodes: readingSchema('The last reading of all nodes that was whole.'),
  accounting: readingSchema('The last reading of accounting that was whole.', {
    swept_until: { ...TIME_OR_NULL, description: 'What ended before is known from accounting.' },
  }),
  failures: {
    type: 'array',
    description: 'What does not go well at the moment, the oldest first; empty where all does.',
    items: {
      type: 'object',
      properties: { ...FAILURE_FIELDS, message: { type: 'string', description: 'For admins alone.' } },
      required: Object.keys(FAILURE_FIELDS),
      additionalProperties: false,
    },
  },
  waiting: { ...COUNT, description: 'Jobs that have vanished, and that accounting is still asked for.' },
  next_at: { ...TIME_OR_NULL, description: 'When it is asked next, ISO 8601 in UTC.' },
};

const EXAMPLE = {
  name: 'mila',
  configured: true,
  account_kind: 'mila',
  time_zone: 'America/Toronto',
  interval: 30,
  slurm_version: '24.11.5',
  observed_at: '2026-01-05T14:00:02.105Z',
  stale: false,
  jobs: { observed_at: '2026-01-05T14:00:02.105Z', duration: 0.412, records: 1803, skipped: 0 },
  nodes: { observed_at: '2026-01-05T14:00:02.518Z', duration: 0.083, records: 212, skipped: 0 },
  accounting: {
    observed_at: '2026-01-05T14:00:03.001Z',
    duration: 0.207,
    records: 12,
    skipped: 0,
    swept_until: '2026-01-05T03:00:00.000Z',
  },
  failures: [],
  waiting: 0,
  next_at: '2026-01-05T14:00:32.000Z',
};

export const ClustersListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listClusters',
      summary: 'List the clusters that are read',
      description:
        'When each was last read whole, how long that took, and what fails. By name; a cluster whose records were only imported is not there.',
    }),
    ApiAnswers({
      success: {
        description: 'The clusters. No tag: whether one is stale changes by itself.',
        schema: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              ...CLUSTER_FIELDS,
              source: { type: 'string', description: 'How it is reached. For admins alone.' },
            },
            required: Object.keys(CLUSTER_FIELDS),
            additionalProperties: false,
          },
        },
        example: [EXAMPLE],
      },
    }),
  );
