import { Validator } from '@seriousme/openapi-schema-validator';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';

interface Media {
  schema: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: object[];
  parameters?: { name: string; in: string; required: boolean; description: string; schema: { example?: unknown } }[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { description: string; headers?: Record<string, object>; content?: Record<string, Media> }>;
}
interface OpenApiDocument {
  openapi: string;
  servers: { url: string }[];
  tags: { name: string }[];
  components: { securitySchemes: object; schemas: Record<string, object> };
  paths: Record<string, Record<string, Operation>>;
}

const BASE = '/api/v1/cluster';
const ADMIN = '/api/v1/admin';
const FILTERS = [
  'account',
  'array_job_id',
  'cluster_name',
  'job_state',
  'outcome',
  'partition',
  'phase',
  'relative_time',
  'time',
  'user',
  'username',
];
/** Each operation with its parameters, aliases included. */
const OPERATIONS: Record<string, string[]> = {
  [`get ${BASE}/jobs/list`]: [...FILTERS, 'after', 'fields', 'limit', 'If-None-Match'].toSorted(),
  [`get ${BASE}/jobs/count`]: FILTERS,
  [`get ${BASE}/jobs/one`]: ['cluster_name', 'job_id'],
  [`put ${BASE}/jobs/user_dict_update`]: ['cluster_name', 'job_id', 'update_pairs'],
  [`get ${BASE}/nodes/list`]: ['If-None-Match', 'after', 'cluster_name', 'limit'],
  [`get ${BASE}/nodes/one`]: ['cluster_name', 'name', 'node_name'],
  [`get ${BASE}/nodes/one/gpu`]: ['cluster_name', 'name', 'node_name'],
  [`get ${BASE}/gpu/list`]: ['If-None-Match'],
  [`get ${BASE}/gpu/one`]: ['gpu_name'],
  [`get ${BASE}/clusters/list`]: ['cluster_name'],
  [`get ${ADMIN}/users`]: ['after', 'limit'],
  [`post ${ADMIN}/users`]: [],
  [`get ${ADMIN}/users/{email}`]: ['email'],
  [`patch ${ADMIN}/users/{email}`]: ['email'],
  [`post ${ADMIN}/users/{email}/disable`]: ['email'],
  [`post ${ADMIN}/users/{email}/enable`]: ['email'],
  [`get ${ADMIN}/keys`]: ['after', 'email', 'limit'],
  [`post ${ADMIN}/keys`]: [],
  [`post ${ADMIN}/keys/{id}/revoke`]: ['id'],
  [`get ${ADMIN}/audit`]: ['before', 'limit', 'since', 'what', 'who'],
  [`get ${ADMIN}/health`]: [],
  'get /metrics': [],
  'get /health/live': [],
  'get /health/ready': [],
};
/** What any route with a key may answer besides its success. */
const EVERYWHERE = ['400', '401', '403', '414', '429', '431', '500', '503'];

let service: ClockworkService;
let document: OpenApiDocument;
let operations: [name: string, operation: Operation][];
let ajv: Ajv2020;

beforeAll(async () => {
  service = await startService();
  document = (await service.request('/openapi.json')).body as OpenApiDocument;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
  ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
});

afterAll(() => service.stop());

/** What is wrong with a value by a schema of the document, null where nothing is. */
function errorsOf(schema: object, value: unknown): string | null {
  const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object;
  const validate = ajv.compile(resolved);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

function operation(name: string): Operation {
  const found = operations.find(([each]) => each === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found[1];
}

function successOf(name: string): string {
  return [`post ${ADMIN}/users`, `post ${ADMIN}/keys`].includes(name) ? '201' : '200';
}

function formsOf(name: string): string[] {
  if (name === 'get /metrics') return ['text/plain', 'application/openmetrics-text'];
  return /(jobs|nodes|gpu)\/list$/.test(name) ? ['application/json', 'application/x-ndjson'] : ['application/json'];
}

function underKey(): [name: string, operation: Operation][] {
  return operations.filter(([name]) => [BASE, ADMIN, '/metrics'].some((base) => name.includes(base)));
}

describe('/openapi.json', () => {
  test('is open, and JSON', async () => {
    const answer = await service.request('/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    expect(await validator.validate(document as unknown as Record<string, unknown>)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('names no host, so that it holds wherever the service is reached', () => {
    expect(document.servers.map(({ url }) => url)).toEqual(['/']);
    expect(JSON.stringify(document)).not.toMatch(/localhost|127\.0\.0\.1/);
  });

  test('has every route, and no other', () => {
    expect(operations.map(([name]) => name).toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  });

  test.each(Object.entries(OPERATIONS))('%s has its parameters, aliases included: %j', (name, parameters) => {
    const described = operation(name).parameters ?? [];
    expect(described.map((parameter) => parameter.name).toSorted()).toEqual(parameters);
    for (const parameter of described) {
      const inPath = name.includes(`{${parameter.name}}`);
      const place = parameter.name === 'If-None-Match' ? 'header' : inPath ? 'path' : 'query';
      expect(parameter).toMatchObject({ in: place, description: expect.stringMatching(/\w/) as string });
      expect(parameter.schema).toMatchObject({ type: 'string' });
    }
  });

  test('says that a parameter is required where it is, and not where another name or the body will do', () => {
    const required = operations.flatMap(([name, { parameters = [] }]) =>
      parameters
        .filter((parameter) => parameter.required && parameter.in !== 'path')
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(required.toSorted()).toEqual([`get ${BASE}/gpu/one gpu_name`, `get ${BASE}/jobs/one job_id`]);
  });

  test('takes a key as Bearer or as Basic, on every route under the base paths and on no other', () => {
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' },
    });
    for (const [name, { security }] of operations) {
      expect([name, security]).toEqual([
        name,
        underKey().some(([each]) => each === name) ? [{ bearer: [] }, { basic: [] }] : undefined,
      ]);
    }
  });

  test('has every status that a route may answer', () => {
    const more: Record<string, string[]> = { [`put ${BASE}/jobs/user_dict_update`]: ['404', '413', '415'] };
    const body = ['413', '415'];
    more[`post ${ADMIN}/users`] = ['409', ...body];
    more[`get ${ADMIN}/users/{email}`] = ['404'];
    more[`patch ${ADMIN}/users/{email}`] = ['404', '409', ...body];
    more[`post ${ADMIN}/users/{email}/disable`] = ['404', '409'];
    more[`post ${ADMIN}/users/{email}/enable`] = ['404'];
    more[`post ${ADMIN}/keys`] = ['404', ...body];
    more[`post ${ADMIN}/keys/{id}/revoke`] = ['404', '409'];
    for (const part of ['jobs', 'nodes', 'gpu']) more[`get ${BASE}/${part}/list`] = ['304'];
    for (const [name, { responses }] of underKey()) {
      expect([name, Object.keys(responses).toSorted()]).toEqual([
        name,
        [successOf(name), ...EVERYWHERE, ...(more[name] ?? [])].toSorted(),
      ]);
    }
    expect(Object.keys(operation('get /health/live').responses)).toEqual(['200']);
    expect(Object.keys(operation('get /health/ready').responses)).toEqual(['200', '503']);
  });

  test('has every error as problem details, and every answer with X-Request-Id', () => {
    for (const [name, { responses }] of underKey()) {
      const forms = formsOf(name);
      for (const [status, { content, headers }] of Object.entries(responses)) {
        const bodies = { 200: forms, 201: forms, 304: [] }[status] ?? ['application/problem+json'];
        expect([name, status, Object.keys(content ?? {})]).toEqual([name, status, bodies]);
        expect(headers).toHaveProperty('X-Request-Id');
      }
      expect(responses['401']?.headers).toHaveProperty('WWW-Authenticate');
      expect(responses['503']?.headers).toHaveProperty('Retry-After');
    }
  });

  test('has an example of every answer, valid by its schema', () => {
    for (const [name, { responses }] of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        for (const [type, { schema, example }] of Object.entries(content ?? {})) {
          const where = `${name} ${status} ${type}`;
          expect([where, typeof example]).toEqual([where, type.endsWith('json') ? 'object' : 'string']);
          expect([where, errorsOf(schema, example)]).toEqual([where, null]);
        }
      }
    }
  });

  test('has an example of every body and of every parameter that is needed, valid by its schema', () => {
    for (const [name, { parameters = [], requestBody }] of operations) {
      for (const { required, schema } of parameters) {
        const { example } = schema;
        if (required) expect(example).toBeDefined();
        if (example !== undefined) expect([name, errorsOf(schema, example)]).toEqual([name, null]);
      }
      for (const { schema, example } of Object.values(requestBody?.content ?? {})) {
        expect(example).toBeDefined();
        expect([name, errorsOf(schema, example)]).toEqual([name, null]);
      }
    }
  });

  test('has no example on a filter, since the page at /docs would send it', () => {
    for (const path of ['jobs/list', 'jobs/count', 'nodes/list']) {
      expect(JSON.stringify(operation(`get ${BASE}/${path}`).parameters)).not.toContain('example');
    }
  });

  test("has the body of an update as JSON and as a form, and doesn't require it", () => {
    const { requestBody } = operation(`put ${BASE}/jobs/user_dict_update`);
    expect(Object.keys(requestBody?.content ?? {})).toEqual(['application/json', 'application/x-www-form-urlencoded']);
    expect(requestBody?.required ?? false).toBe(false);
  });

  test('has a name, a summary and a group for each operation, each name once', () => {
    const names = operations.map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(operations.length);
    const groups = document.tags.map(({ name }) => name);
    for (const [, { summary, tags }] of operations) {
      expect(summary).toMatch(/\w/);
      expect(groups).toEqual(expect.arrayContaining(tags));
    }
  });

  test('has schemas that refuse what is not as described', () => {
    const schemaOf = (name: string) => operation(name).responses['200']?.content?.['application/json']?.schema ?? {};
    const node = { slurm: { name: 'a', cluster_name: 'b' }, cw: {} };
    expect(errorsOf(schemaOf(`get ${BASE}/nodes/list`), [node])).toBeNull();
    expect(errorsOf(schemaOf(`get ${BASE}/nodes/list`), [{ ...node, _id: '1' }])).not.toBeNull();
    expect(errorsOf(schemaOf(`get ${BASE}/nodes/list`), [{ slurm: {}, cw: {} }])).not.toBeNull();
    expect(errorsOf(schemaOf(`get ${BASE}/nodes/one`), {})).toBeNull();
    expect(errorsOf(schemaOf(`get ${BASE}/gpu/one`), { name: 'v100' })).not.toBeNull();
    expect(errorsOf({ $ref: '#/components/schemas/Problem' }, { status: 400 })).not.toBeNull();
  });
});

describe('/docs', () => {
  test('is open, and a page whose every script and style is served from here', async () => {
    const page = await service.request('/docs');
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringMatching(/^text\/html/) as string },
    });
    const files = [...page.text.matchAll(/(?:src|href)=["']\.\/(docs\/[^"']+\.(?:js|css))["']/g)].map(
      ([, file]) => file,
    );
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) expect((await service.request(`/${String(file)}`)).status).toBe(200);
    expect(page.text).not.toMatch(/(?:src|href)=["']https?:/);
  });

  test('describes this API', async () => {
    const { text } = await service.request('/docs/swagger-ui-init.js');
    expect(text).toContain(`${BASE}/jobs/user_dict_update`);
  });

  test('answers with a slash behind it too', async () => {
    expect((await service.request('/docs/')).status).toBe(200);
  });
});
