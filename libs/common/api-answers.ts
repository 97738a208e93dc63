import { applyDecorators } from '@nestjs/common';
import { ApiResponse, ApiSecurity, getSchemaPath } from '@nestjs/swagger';
import { Problem, PROBLEM_MEDIA_TYPE } from './problem.js';

/** Where every route of the documented API lives. */
export const API_BASE = '/api/v1/cluster';

export const JSON_MEDIA_TYPE = 'application/json';

/** A JSON Schema 2020-12, as OpenAPI 3.1 takes it; Nest's own type knows 3.0's alone. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  maxProperties?: number;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  enum?: readonly (string | null)[];
  pattern?: string;
  minimum?: number;
  minLength?: number;
  format?: string;
  $ref?: string;
}

export interface Answers {
  success: { description: string; schema: JsonSchema; example: unknown };
  /** What each error status of this route means; 401 and those that every route may give are added. */
  400?: string;
  403?: string;
  404?: string;
  413?: string;
  415?: string;
  500?: string;
}

const EVERYWHERE: Record<number, string> = {
  400: 'A parameter is given twice, empty, or is not valid.',
  401: 'No valid key.',
  414: 'The request line is longer than 16 KiB.',
  431: 'A header is longer than 16 KiB.',
  500: 'An unexpected error on the server.',
  503: 'The database does not answer at the moment; try again after `Retry-After` seconds.',
};

export const PROBLEM_SCHEMA_NAME = 'Problem';
const EXAMPLE_REQUEST_ID = '0b07b580-fae6-4cbb-8a98-3f209dd2d780';
export const SECURITY_SCHEMES = ['bearer', 'basic'] as const;

/** Documents what a route answers: its success, its errors as problem details, and that it needs a key. */
export function ApiAnswers({ success, ...errors }: Answers): MethodDecorator {
  const requestId = {
    'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' as const } },
  };
  return applyDecorators(
    ...SECURITY_SCHEMES.map((scheme) => ApiSecurity(scheme)),
    ApiResponse({
      status: 200,
      description: success.description,
      headers: requestId,
      content: { [JSON_MEDIA_TYPE]: { schema: success.schema as object, example: success.example } },
    }),
    ...Object.entries({ ...EVERYWHERE, ...errors }).map(([status, description]) =>
      ApiResponse({
        status: Number(status),
        description,
        headers: { ...requestId, ...ERROR_HEADERS[Number(status)] },
        content: {
          [PROBLEM_MEDIA_TYPE]: {
            schema: { $ref: getSchemaPath(PROBLEM_SCHEMA_NAME) },
            example: new Problem(Number(status), description).body(EXAMPLE_REQUEST_ID),
          },
        },
      }),
    ),
  );
}

const ERROR_HEADERS: Record<number, Record<string, { description: string; schema: { type: 'string' | 'integer' } }>> = {
  401: { 'WWW-Authenticate': { description: 'The scheme to use (RFC 6750).', schema: { type: 'string' } } },
  503: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
};
