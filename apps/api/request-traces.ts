import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isTracing, traceRequest, type WorkSpan } from '#libs/tracing';

/** A span for each request: its method, the pattern of its route, its status, its id. Nothing else that it says. */
export function traceRequests(server: FastifyInstance): void {
  if (!isTracing()) return;
  const spans = new WeakMap<FastifyRequest, WorkSpan>();

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    traceRequest(request.headers, `${request.method} ${route}`, (span) => {
      if (span !== undefined) {
        span.set({ 'http.request.method': request.method, 'http.route': route, 'clockwork.request_id': request.id });
        spans.set(request, span);
      }
      done();
    });
  });
  server.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.set({ 'http.response.status_code': reply.statusCode });
    span?.end(reply.statusCode >= 500);
    done();
  });
}
