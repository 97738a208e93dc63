import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { abortedRequests, requestsInFlight, requestSeconds, responseBytes } from '#libs/metrics';

/** A client may send any of Node's methods, most of which no route has. */
const METHODS = new Set(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times requests, by the pattern of their route: a path may hold anything. */
export function measureRequests(server: FastifyInstance): void {
  /** Bytes of a connection's earlier answers, each of which is counted once, with the answer that ends after it was sent. */
  const counted = new WeakMap<Socket, number>();

  server.addHook('onRequest', (_request, _reply, done) => {
    requestsInFlight.inc();
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    requestsInFlight.dec();
    const route = routeOf(request);
    const method = METHODS.has(request.method) ? request.method : 'other';
    requestSeconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const { socket } = request.raw;
    const sent = socket.bytesWritten;
    responseBytes.inc({ route }, sent - (counted.get(socket) ?? 0));
    counted.set(socket, sent);
    done();
  });
  server.addHook('onRequestAbort', (request, done) => {
    abortedRequests.inc({ route: routeOf(request) });
    done();
  });
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}
