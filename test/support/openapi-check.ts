import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type ApiAnswer, BASE, exchange } from './http-exchange.js';

interface OpenApiDocument {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, object> } | undefined> }>
  >;
}

/** Statuses that concern the request as such, before there is a route: no operation documents them. */
const BEFORE_ROUTING = new Set([404, 405, 408, 414, 431]);
const OTHER_BASE = '/api/v1/clusters';
const documents = new Map<string, Promise<{ document: OpenApiDocument; ajv: Ajv2020 }>>();
const validators = new Map<string, ValidateFunction>();

/** Fails where an answer is not one that the service's OpenAPI document describes for its route and status. */
export async function checkAgainstOpenApi(url: string, method: string, path: string, answer: ApiAnswer): Promise<void> {
  const known = documents.get(url) ?? load(url);
  documents.set(url, known);
  const { document, ajv } = await known;
  const route = (path.split('?', 1)[0] ?? '').replace(new RegExp(`^${OTHER_BASE}(?=/)`), BASE);
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const operation = document.paths[route]?.[verb];
  if (operation === undefined) {
    // A route that is not documented may only be refused.
    if (!document.paths[route] && !route.startsWith(BASE)) return;
    if (![400, 401, 404, 405].includes(answer.status))
      throw new Error(`${method} ${path}: ${answer.status} is not documented`);
    return;
  }
  const response = operation.responses[String(answer.status)];
  if (response === undefined) {
    if (BEFORE_ROUTING.has(answer.status)) return;
    throw new Error(`${method} ${path} answered ${answer.status}, which its description does not have`);
  }
  if (method === 'HEAD') return;
  const mediaType = answer.headers['content-type']?.split(';', 1)[0] ?? '';
  const content = response.content;
  if (content === undefined || !(mediaType in content)) {
    throw new Error(`${method} ${path}: ${answer.status} came as ${mediaType}, which its description does not have`);
  }
  const pointer = ['paths', route, verb, 'responses', String(answer.status), 'content', mediaType, 'schema']
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/');
  const validator =
    validators.get(url + pointer) ?? ajv.compile({ $ref: `${url}/openapi.json#/${encodeURI(pointer)}` });
  validators.set(url + pointer, validator);
  if (!validator(answer.body)) {
    throw new Error(`${method} ${path}: the answer is not as described: ${ajv.errorsText(validator.errors)}`);
  }
}

async function load(url: string): Promise<{ document: OpenApiDocument; ajv: Ajv2020 }> {
  const { body } = await exchange(url, '/openapi.json', {});
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(body as object, `${url}/openapi.json`);
  return { document: body as OpenApiDocument, ajv };
}
