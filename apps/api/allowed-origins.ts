import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, HEAD, PUT, POST, PATCH, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, Accept, If-None-Match';
/** Those that a page may read besides the few that it always may. */
const EXPOSED_HEADERS = [
  'Link',
  'ETag',
  'Clockwork-Observed-At',
  'Clockwork-Stale',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'WWW-Authenticate',
].join(', ');
/** The longest that browsers keep the answer to a preflight. */
const PREFLIGHT_SECONDS = '7200';

/**
 * Lets pages of these origins ask (https://fetch.spec.whatwg.org/#http-cors-protocol), with a key in a header: cookies are never
 * used. A preflight of theirs is answered without a key, since a browser sends none with it; any other one meets the guard like every
 * request. (@fastify/cors would take the route `*` for itself, which is the guarded answer to unknown paths.)
 */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) {
      done();
      return;
    }
    void reply.headers({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED_HEADERS });
    if (isPreflight(request)) answerPreflight(reply);
    else done();
  });
  // A cache must not give one origin what says that another may read it. What a route says of Vary comes later than the hook above.
  server.addHook('onSend', (_request, reply, _payload, done) => {
    const vary = reply.getHeader('Vary');
    void reply.header('Vary', vary === undefined ? 'Origin' : `${String(vary)}, Origin`);
    done();
  });
}

function isPreflight(request: FastifyRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function answerPreflight(reply: FastifyReply): void {
  void reply
    .status(204)
    .headers({
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': PREFLIGHT_SECONDS,
    })
    .send();
}
