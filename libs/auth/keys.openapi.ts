import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiAnswers, JSON_MEDIA_TYPE, type JsonSchema, TEXT_PATTERN } from '#libs/common';
import { ADMIN_ONLY, BODY_ERRORS, NEXT_LINK } from './admin.openapi.js';
import { KEY_SCOPES } from './api-key.schema.js';

const INSTANT_OR_NULL = (description: string): JsonSchema => ({
  type: ['string', 'null'],
  format: 'date-time',
  description,
});

const SCOPE: JsonSchema = {
  type: 'string',
  enum: KEY_SCOPES,
  description: 'What it is for: all that its owner may do, or `/metrics` alone.',
};

const SHOWN: Record<string, JsonSchema> = {
  id: { type: 'string', description: 'Names the key; the part of it after `cw_`.' },
  email: { type: 'string', description: "The owner's address." },
  name: { type: ['string', 'null'] },
  scope: SCOPE,
  created: { type: 'string', format: 'date-time' },
  expires: INSTANT_OR_NULL('null: never.'),
  last_used: INSTANT_OR_NULL('To the minute; null: never.'),
  revoked: INSTANT_OR_NULL('Since when it is refused; null where it is not.'),
};

const KEY_SCHEMA: JsonSchema = {
  type: 'object',
  properties: SHOWN,
  required: Object.keys(SHOWN),
  additionalProperties: false,
};

const NEW_KEY_SCHEMA: JsonSchema = {
  ...KEY_SCHEMA,
  properties: { key: { type: 'string', description: 'The key itself: it cannot be shown again.' }, ...SHOWN },
  required: ['key', ...Object.keys(SHOWN)],
};

const EXAMPLE = {
  id: 'f71948de3496ee28',
  email: 'ada@example.org',
  name: 'notebook',
  scope: 'all',
  created: '2026-01-05T14:00:00.000Z',
  expires: '2026-04-05T14:00:00.000Z',
  last_used: null,
  revoked: null,
};

export const KeysListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listKeys',
      summary: 'List keys',
      description: 'Without their secrets; oldest first. Of a user who is not there, none.',
    }),
    ApiAnswers({
      success: {
        description: 'The keys.',
        schema: { type: 'array', items: KEY_SCHEMA },
        example: [EXAMPLE],
        headers: NEXT_LINK,
      },
      ...ADMIN_ONLY,
    }),
  );

export const KeyCreateAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'createKey',
      summary: 'Make a key',
      description: 'The answer is the only place where the key can be seen.',
      requestBody: {
        required: true,
        content: {
          [JSON_MEDIA_TYPE]: {
            schema: {
              type: 'object',
              properties: {
                email: { type: 'string', description: 'Whose key it is.' },
                name: { type: ['string', 'null'], description: 'What it is for; at most 200 characters.' },
                expires: {
                  type: ['string', 'null'],
                  pattern: '^(?!0+[smhdw])[0-9]{1,6}[smhdw]$',
                  description: 'Until when it is valid, from now: a number and a unit. Left out or null: for ever.',
                },
                scope: SCOPE,
              },
              required: ['email'],
              additionalProperties: false,
            } as object,
            example: { email: 'ada@example.org', name: 'notebook', expires: '90d' },
          },
        },
      },
    }),
    ApiAnswers({
      success: {
        status: 201,
        description: 'The key, and how it is listed.',
        schema: NEW_KEY_SCHEMA,
        example: { key: `cw_${EXAMPLE.id}_…`, ...EXAMPLE },
        headers: { 'Cache-Control': { description: 'No cache keeps it.', schema: { type: 'string' } } },
      },
      ...ADMIN_ONLY,
      ...BODY_ERRORS,
      404: 'There is no such user.',
    }),
  );

export const KeyRevokeAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'revokeKey',
      summary: 'Revoke a key',
      description: 'It is refused from the next request on. Again, nothing changes.',
    }),
    ApiParam({
      name: 'id',
      description: 'The id of the key.',
      schema: { type: 'string', pattern: TEXT_PATTERN, example: EXAMPLE.id },
    }),
    ApiAnswers({
      success: {
        description: 'The key as it is listed now.',
        schema: KEY_SCHEMA,
        example: { ...EXAMPLE, revoked: '2026-01-06T09:00:00.000Z' },
      },
      ...ADMIN_ONLY,
      404: 'There is no key with this id.',
      409: 'It is the key that you are asking with.',
    }),
  );
