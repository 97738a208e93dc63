import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * One line a request, when it is over: its method, its route (a path may hold anything, a query string holds names), its status,
 * its time. Never a header or a body: they hold keys and other people's data.
 */
export function logRequests(server: FastifyInstance, logger: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    logger.info(
      {
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
  server.addHook('onRequestAbort', (request, done) => {
    logger.info({ request_id: request.id, method: request.method }, 'the client left');
    done();
  });
}
