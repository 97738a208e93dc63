import type { FastifyInstance } from 'fastify';
import { sendProblem } from '#libs/common';
import type { LimitCounters, RequestLimits } from '#libs/limits';

/** What a balancer asks, which it does from one address for all. */
const HEALTH = '/health/';

/** Refuses an address that asks too often, before anything else is done for it. */
export function limitAddresses(server: FastifyInstance, limits: RequestLimits): void {
  server.addHook('onRequest', (request, reply, done) => {
    const refused = request.url.startsWith(HEALTH) ? null : limits.addressRefusal(request.ip);
    if (refused === null) done();
    else sendProblem(reply, request.id, refused);
  });
}

/** Counts what was refused for its size, wherever that was noticed. */
export function countRefusedSizes(server: FastifyInstance, counters: LimitCounters): void {
  server.addHook('onResponse', (_request, { statusCode }, done) => {
    if (statusCode === 413) counters.countRefusal('body_size');
    else if (statusCode === 414) counters.countRefusal('request_line_size');
    else if (statusCode === 431) counters.countRefusal('header_size');
    done();
  });
}
