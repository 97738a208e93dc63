import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiSecurity, getSchemaPath } from '@nestjs/swagger';
import { Problem, PROBLEM_MEDIA_TYPE } from './problem.js';

/** Where every route of the documented API lives. */
export const API_BASE = '/api/v1/cluster';

/** Under which the routes for administrators answer. */
export const ADMIN_BASE = '/api/v1/admin';

export const JSON_MEDIA_TYPE = 'application/json';
/** One JSON object a line. */
export const NDJSON_MEDIA_TYPE = 'application/x-ndjson';

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
  success: {
    /** Default: 200. */
    status?: 201;
    description: string;
    schema: JsonSchema;
    example: unknown;
    /** Besides those that such an answer always has. */
    headers?: HeaderDocumentation;
  };
  /** What each error status of this route means; 401 and those that every route may give are added. */
  400?: string;
  403?: string;
  404?: string;
  409?: string;
  413?: string;
  415?: string;
  500?: string;
}

const EVERYWHERE: Record<number, string> = {
  400: 'A parameter is given twice, empty, or is not valid.',
  401: 'No valid key.',
  403: 'The key is for `/metrics` alone.',
  414: 'The request line is longer than 16 KiB.',
  429: 'Too many requests of this key or address, or too many long lists of this key; try again after `Retry-After` seconds.',
  431: 'A header is longer than 16 KiB.',
  500: 'An unexpected error on the server.',
  503: 'The database does not answer at the moment; try again after `Retry-After` seconds.',
};

export const PROBLEM_SCHEMA_NAME = 'Problem';
const EXAMPLE_REQUEST_ID = '0b07b580-fae6-4cbb-8a98-3f209dd2d780';
export const SECURITY_SCHEMES = ['bearer', 'basic'] as const;

export type HeaderDocumentation = Record<string, { description: string; schema: { type: 'string' | 'integer' } }>;

/** Comes with every answer. */
export const REQUEST_ID_HEADER: HeaderDocumentation = {
  'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' } },
};

/** Comes with every answer to a valid key, where keys have a limit (draft-ietf-httpapi-ratelimit-headers-10). */
const RATE_LIMIT_HEADERS: HeaderDocumentation = {
  RateLimit: {
    description: 'How many requests (`r`) the key has left, and in how many seconds (`t`) all of them are back.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'How many requests (`q`) the key may make in how many seconds (`w`).',
    schema: { type: 'string' },
  },
};

/** Comes with every answer of a route that needs a key. */
export const KEY_HEADERS: HeaderDocumentation = { ...REQUEST_ID_HEADER, ...RATE_LIMIT_HEADERS };

/** Documents what a route answers: its success, its errors as problem details, and that it needs a key. */
export function ApiAnswers({ success, ...errors }: Answers): MethodDecorator {
  return applyDecorators(
    ApiResponse({
      status: success.status ?? 200,
      description: success.description,
      headers: { ...KEY_HEADERS, ...success.headers },
      content: { [JSON_MEDIA_TYPE]: { schema: success.schema as object, example: success.example } },
    }),
    ApiErrors(errors),
  );
}

/** Documents a list: a JSON array or, for who accepts that, one object a line, and 304 where the client has it already. */
export function ApiListAnswers({ success, ...errors }: Answers): MethodDecorator {
  const { items = {} } = success.schema;
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: success.description,
      headers: { ...KEY_HEADERS, ...LIST_HEADERS, ...success.headers },
      content: {
        [JSON_MEDIA_TYPE]: { schema: success.schema as object, example: success.example },
        [NDJSON_MEDIA_TYPE]: {
          schema: { ...items, description: 'Each line is one of these.' } as object,
          example: Array.isArray(success.example) ? (success.example as unknown[])[0] : undefined,
        },
      },
    }),
    ApiResponse({
      status: 304,
      description: 'The list is still what the tag in `If-None-Match` was given for. No body.',
      headers: { ...KEY_HEADERS, ...LIST_HEADERS, ...success.headers },
    }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'The `ETag` of a list that you have: where it is still the same, the answer is 304.',
    }),
    ApiErrors(errors),
  );
}

/** Documents the errors of a route as problem details, and that it needs a key. */
export function ApiErrors(errors: Omit<Answers, 'success'>): MethodDecorator {
  return applyDecorators(
    ...SECURITY_SCHEMES.map((scheme) => ApiSecurity(scheme)),
    ...Object.entries({ ...EVERYWHERE, ...errors }).map(([status, description]) =>
      ApiResponse({
        status: Number(status),
        description,
        headers: { ...KEY_HEADERS, ...ERROR_HEADERS[Number(status)] },
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

const LIST_HEADERS: HeaderDocumentation = {
  ETag: { description: 'Names what this list is at the moment, in this form.', schema: { type: 'string' } },
  Link: {
    description: 'The next page, as `<path>; rel="next"`: where `limit` or `after` was given and there is more.',
    schema: { type: 'string' },
  },
  Vary: { description: 'The request headers that decide the form.', schema: { type: 'string' } },
  'Cache-Control': {
    description: 'A cache may keep it, for this caller alone, and asks each time whether it still holds.',
    schema: { type: 'string' },
  },
};

const ERROR_HEADERS: Record<number, HeaderDocumentation> = {
  401: { 'WWW-Authenticate': { description: 'The scheme to use (RFC 6750).', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
};
