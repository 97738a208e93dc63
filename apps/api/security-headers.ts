import type { FastifyInstance } from 'fastify';

/** For an answer that is data: no browser is to guess its type, run it, show it in a frame, or tell others where it came from. */
const OF_DATA = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** The page at /docs: its own scripts, and requests to this server. Swagger UI writes its styles into the page. */
const OF_DOCS = {
  ...OF_DATA,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** Browsers then come by TLS alone, for a year. The host's other names are not ours to speak for. */
const HSTS = 'max-age=31536000';

/** Headers for browsers; HSTS where the request came by TLS, here or to a trusted proxy. */
export function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(isDocs(request.url) ? OF_DOCS : OF_DATA);
    if (request.protocol === 'https') void reply.header('Strict-Transport-Security', HSTS);
    done();
  });
}

function isDocs(url: string): boolean {
  return url.startsWith('/docs') && /^\/docs(?:[/?]|$)/.test(url);
}
