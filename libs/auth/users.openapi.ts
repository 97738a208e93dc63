import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiAnswers, type HeaderDocumentation, JSON_MEDIA_TYPE, type JsonSchema, TEXT_PATTERN } from '#libs/common';
import { ADMIN_ONLY, BODY_ERRORS, NEXT_LINK } from './admin.openapi.js';

const NAME_OR_NULL = (description: string): JsonSchema => ({ type: ['string', 'null'], description });

const CHANGEABLE: Record<string, JsonSchema> = {
  mila_cluster_username: NAME_OR_NULL('Their username on the Mila cluster; null for none.'),
  cc_account_username: NAME_OR_NULL('Their username on the Compute Canada clusters; null for none.'),
  admin: { type: 'boolean', description: 'Whether they may administer.' },
  clusters: {
    type: ['array', 'null'],
    // White space as JavaScript and as other languages have it.
    items: { type: 'string', pattern: '^[^\\s,\\u0000-\\u001f\\u007f-\\u009f\\ufeff]{1,128}$' },
    description: 'The clusters that they may see; null for all.',
  },
};

const ADDRESS: JsonSchema = { type: 'string', description: 'Who it is, in lower case.' };

const USER_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    mila_email_username: ADDRESS,
    ...CHANGEABLE,
    status: { type: 'string', enum: ['enabled', 'disabled'], description: "A disabled user's keys are refused." },
  },
  required: ['mila_email_username', ...Object.keys(CHANGEABLE), 'status'],
  additionalProperties: false,
};

const EXAMPLE_NAMES = { mila_cluster_username: 'ada', cc_account_username: 'ada01' };
const EXAMPLE = {
  mila_email_username: 'ada@example.org',
  ...EXAMPLE_NAMES,
  status: 'enabled',
  admin: false,
  clusters: null,
};

const LOCATION: HeaderDocumentation = {
  Location: { description: 'The path of the new user.', schema: { type: 'string' } },
};

const EmailParameter = () =>
  ApiParam({
    name: 'email',
    description: "The user's e-mail address, percent-encoded.",
    schema: { type: 'string', pattern: TEXT_PATTERN, example: 'ada@example.org' },
  });

const NO_SUCH_USER = 'There is no such user.';

export const UsersListAnswer = () =>
  applyDecorators(
    ApiOperation({ operationId: 'listUsers', summary: 'List the users', description: 'By their addresses.' }),
    ApiAnswers({
      success: {
        description: 'The users.',
        schema: { type: 'array', items: USER_SCHEMA },
        example: [EXAMPLE],
        headers: NEXT_LINK,
      },
      ...ADMIN_ONLY,
    }),
  );

export const UserAddAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'addUser',
      summary: 'Add a user',
      description: 'What is left out is `null`, and `false` for `admin`.',
      requestBody: body(
        {
          type: 'object',
          properties: { mila_email_username: ADDRESS, ...CHANGEABLE },
          required: ['mila_email_username'],
          additionalProperties: false,
        },
        { mila_email_username: 'ada@example.org', ...EXAMPLE_NAMES },
      ),
    }),
    ApiAnswers({
      success: { status: 201, description: 'The new user.', schema: USER_SCHEMA, example: EXAMPLE, headers: LOCATION },
      ...ADMIN_ONLY,
      ...BODY_ERRORS,
      409: 'There is such a user already, or a name belongs to another user.',
    }),
  );

export const UserOneAnswer = () =>
  applyDecorators(
    ApiOperation({ operationId: 'getUser', summary: 'Get one user', description: 'By their address.' }),
    EmailParameter(),
    ApiAnswers({
      success: { description: 'The user.', schema: USER_SCHEMA, example: EXAMPLE },
      ...ADMIN_ONLY,
      404: NO_SUCH_USER,
    }),
  );

export const UserChangeAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'changeUser',
      summary: 'Change a user',
      description:
        'What is left out stays as it is. The names in jobs follow within seconds. Nobody takes from themselves the right to administer.',
      requestBody: body(
        { type: 'object', properties: CHANGEABLE, additionalProperties: false },
        { clusters: ['mila'], cc_account_username: null },
      ),
    }),
    EmailParameter(),
    ApiAnswers({
      success: { description: 'The user as they are now.', schema: USER_SCHEMA, example: EXAMPLE },
      ...ADMIN_ONLY,
      ...BODY_ERRORS,
      404: NO_SUCH_USER,
      409: 'A name belongs to another user, or it is you who would not administer any more.',
    }),
  );

export const UserStatusAnswer = (what: 'disable' | 'enable') =>
  applyDecorators(
    ApiOperation({
      operationId: `${what}User`,
      summary: what === 'disable' ? 'Disable a user' : 'Enable a user',
      description:
        what === 'disable'
          ? 'All their keys are refused from the next request on. Nobody disables themselves.'
          : 'Their keys are taken again.',
    }),
    EmailParameter(),
    ApiAnswers({
      success: {
        description: 'The user as they are now.',
        schema: USER_SCHEMA,
        example: { ...EXAMPLE, status: `${what}d` },
      },
      ...ADMIN_ONLY,
      404: NO_SUCH_USER,
      ...(what === 'disable' ? { 409: 'It is yourself.' } : {}),
    }),
  );

function body(schema: JsonSchema, example: object) {
  return { required: true, content: { [JSON_MEDIA_TYPE]: { schema: schema as object, example } } };
}
