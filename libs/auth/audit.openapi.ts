import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { AUDIT_ACTIONS } from '#libs/audit';
import { ApiAnswers, type JsonSchema } from '#libs/common';
import { ADMIN_ONLY, NEXT_LINK } from './admin.openapi.js';

const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };
const FIELDS_OR_NULL = (description: string): JsonSchema => ({
  type: ['object', 'null'],
  additionalProperties: true,
  description,
});

const WHO: Record<string, JsonSchema> = {
  email: { ...TEXT_OR_NULL, description: 'null for a command.' },
  key_id: { ...TEXT_OR_NULL, description: 'The key that they came with; null for a command.' },
  os_user: { ...TEXT_OR_NULL, description: "For a command: the operating system's user." },
  host: { ...TEXT_OR_NULL, description: 'For a command: the machine.' },
};

const ENTRY: Record<string, JsonSchema> = {
  id: { type: 'string' },
  at: { type: 'string', format: 'date-time' },
  who: { type: 'object', properties: WHO, required: Object.keys(WHO), additionalProperties: false },
  what: { type: 'string', enum: AUDIT_ACTIONS },
  target: { type: 'string', description: "The user's address, the key's id, or what was asked for." },
  before: FIELDS_OR_NULL('The fields that were changed, as they were; null where there was nothing.'),
  after: FIELDS_OR_NULL('As they are since.'),
  from: { type: 'string', description: "The client's address, `cli`, or `collector` for what it does by itself." },
  request_id: { ...TEXT_OR_NULL, description: 'As in `X-Request-Id` and in the log; null for a command.' },
};

export const AuditListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listAudit',
      summary: 'Read the audit log',
      description: 'What administrators have changed, and who was refused to. Newest first.',
    }),
    ApiAnswers({
      success: {
        description: 'The entries.',
        schema: {
          type: 'array',
          items: { type: 'object', properties: ENTRY, required: Object.keys(ENTRY), additionalProperties: false },
        },
        example: [
          {
            id: '695bc1a0f71948de3496ee28',
            at: '2026-01-05T14:00:00.000Z',
            who: { email: 'root@example.org', key_id: '0b07b580fae64cbb', os_user: null, host: null },
            what: 'user.change',
            target: 'ada@example.org',
            before: { clusters: null },
            after: { clusters: ['mila'] },
            from: '192.0.2.7',
            request_id: '0b07b580-fae6-4cbb-8a98-3f209dd2d780',
          },
        ],
        headers: NEXT_LINK,
      },
      ...ADMIN_ONLY,
    }),
  );
