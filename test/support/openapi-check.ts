import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ADMIN_BASE, type ApiAnswer, BASE, exchange } from './http-exchange.js';
import { jsonLines } from './json-lines.js';

interface Response {
  headers?: Record<string, object>;
  content?: Record<string, object>;
}

interface OpenApiDocument {
  paths: Record<string, Record<string, { responses: Record<string, Response | undefined> }>>;
}

/** Statuses that concern the request as such, before there is a route: no operation documents them. */
const BEFORE_ROUTING = new Set([404, 405, 408, 414, 431]);
/** What HTTP itself says of a message and its body, and what browsers are told (OpenAPI has no headers but a route's own). */
const OF_HTTP_ITSELF = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'content-type',
  'date',
  'keep-alive',
  'referrer-policy',
  'strict-transport-security',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
]);
const NDJSON = 'application/x-ndjson';
const OTHER_BASE = '/api/v1/clusters';
const documents = new Map<string, Promise<{ document: OpenApiDocument; ajv: Ajv2020 }>>();
const validators = new Map<string, ValidateFunction>();

/** Fails where an answer is not one that the service's OpenAPI document describes for its route and status. */
export async function checkAgainstOpenApi(url: string, method: string, path: string, answer: ApiAnswer): Promise<void> {
  const known = documents.get(url) ?? load(url);
  documents.set(url, known);
  const { document, ajv } = await known;
  const sent = (path.split('?', 1)[0] ?? '').replace(new RegExp(`^${OTHER_BASE}(?=/)`), BASE);
  const route = describedRoute(document, sent);
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const operation = document.paths[route]?.[verb];
  if (operation === undefined) {
    // A route that is not documented may only be refused.
    const guarded = [BASE, ADMIN_BASE].some((base) => route.startsWith(base));
    if (!document.paths[route] && !guarded) return;
    if (![400, 401, 403, 404, 405].includes(answer.status))
      throw new Error(`${method} ${path}: ${answer.status} is not documented`);
    return;
  }
  const response = operation.responses[String(answer.status)];
  if (response === undefined) {
    if (BEFORE_ROUTING.has(answer.status)) return;
    throw new Error(`${method} ${path} answered ${answer.status}, which its description does not have`);
  }
  checkHeaders(`${method} ${path}: ${answer.status}`, response, answer);
  const mediaType = mediaTypeOf(response, answer);
  if (mediaType === 'none') {
    if (answer.text !== '') throw new Error(`${method} ${path}: ${answer.status} has a body, which is not described`);
    return;
  }
  if (mediaType === 'other') {
    const came = String(answer.headers['content-type']);
    throw new Error(`${method} ${path}: ${answer.status} came as ${came}, which its description does not have`);
  }
  if (method === 'HEAD') return;
  const pointer = ['paths', route, verb, 'responses', String(answer.status), 'content', mediaType.name, 'schema']
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/');
  const validator =
    validators.get(url + pointer) ?? ajv.compile({ $ref: `${url}/openapi.json#/${encodeURI(pointer)}` });
  validators.set(url + pointer, validator);
  // The schema of lines is that of each.
  for (const value of valuesIn(answer, mediaType.name)) {
    if (!validator(value)) {
      throw new Error(`${method} ${path}: the answer is not as described: ${ajv.errorsText(validator.errors)}`);
    }
  }
}

function valuesIn({ text, body }: ApiAnswer, mediaType: string): unknown[] {
  if (mediaType === NDJSON) return jsonLines(text);
  return [mediaType.endsWith('json') ? body : text];
}

/** The description's name of a path, which may have `{value}` for a part of it. */
function describedRoute(document: OpenApiDocument, path: string): string {
  if (path in document.paths) return path;
  const matches = (template: string) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  return Object.keys(document.paths).find((template) => template.includes('{') && matches(template)) ?? path;
}

/** @returns the described media type that came; `none` where none is described and none came */
function mediaTypeOf({ content = {} }: Response, { headers }: ApiAnswer): { name: string } | 'none' | 'other' {
  const came = headers['content-type']?.split(';', 1)[0];
  if (came === undefined) return Object.keys(content).length === 0 ? 'none' : 'other';
  return came in content ? { name: came } : 'other';
}

function checkHeaders(what: string, { headers = {} }: Response, answer: ApiAnswer): void {
  const described = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const name of Object.keys(answer.headers)) {
    if (described.has(name) || OF_HTTP_ITSELF.has(name)) continue;
    throw new Error(`${what} came with ${name}, which its description does not have`);
  }
}

async function load(url: string): Promise<{ document: OpenApiDocument; ajv: Ajv2020 }> {
  const { body } = await exchange(url, '/openapi.json', {});
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(body as object, `${url}/openapi.json`);
  return { document: body as OpenApiDocument, ajv };
}
