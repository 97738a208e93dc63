import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PROBLEM_SCHEMA_NAME, SECURITY_SCHEMES } from '#libs/common';

const DESCRIPTION = `
What runs, waits and failed on the lab's Slurm clusters, and which GPUs their nodes have.

Every route under \`/api/v1/cluster\` needs an API key (**Authorize** takes one here). The same routes answer under
\`/api/v1/clusters\`. Those under \`/api/v1/admin\` are for administrators. Errors are problem details (RFC 9457) whose \`detail\` says what to change and whose \`instance\` is the
request id, as in the header \`X-Request-Id\`. Parameters that a route does not know are ignored; a known one given twice,
empty or as an object is an error. \`HEAD\` answers as \`GET\` without the body.
`;

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What was wrong, and with which parameter.' },
    instance: { type: 'string', description: 'The request id.' },
  },
  required: ['type', 'title', 'status', 'detail', 'instance'],
  additionalProperties: false,
} as const;

/** Serves the description of the API at `/openapi.json`, and a page to try it at `/docs`; both are open. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const [bearer, basic] = SECURITY_SCHEMES;
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Clockwork')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1')
    .addServer('/', 'This server')
    .addTag('jobs', "The clusters' jobs, and the dicts that their owners attach")
    .addTag('nodes', "The clusters' nodes")
    .addTag('gpu', 'The catalogue of GPUs')
    .addTag('clusters', 'When each cluster was last read, and what fails')
    .addTag('admin', 'Users, keys, the audit log and the state of all parts; for administrators')
    .addTag('health', 'For balancers and supervisors; open')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'API key', description: 'An API key: `cw_…`' },
      bearer,
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: "The key's owner's e-mail address, and the key as password" },
      basic,
    )
    .build();
  const document: OpenAPIObject = SwaggerModule.createDocument(app, settings);
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, [PROBLEM_SCHEMA_NAME]: PROBLEM_SCHEMA as never };
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Clockwork API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, validatorUrl: null },
  });
}
