import { randomUUID } from 'node:crypto';
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AuditRetention } from '#libs/audit';
import { clockworkVersion, type Configuration, NestLogger, RawQuery, requestContext, sendProblem } from '#libs/common';
import { DataVersions, Indexes, Migrations, type OpenDatabase } from '#libs/database';
import { BuiltInGpus } from '#libs/gpu';
import { Heartbeat, Readiness } from '#libs/health';
import { LimitCounters, RequestLimits } from '#libs/limits';
import { watchDisk, watchLimits, watchThisProcess } from '#libs/metrics';
import { NodesService } from '#libs/nodes';
import { ApiModule } from './api.module.js';
import { answerClientError, refuseTunnel } from './bare-socket.js';
import { announceClosing, closeGently } from './closing.js';
import { serveOpenApi } from './openapi.js';
import { allowOrigins } from './allowed-origins.js';
import { compressAnswers } from './compression.js';
import { limitConnections, timeLimits } from './connection-limits.js';
import { warnOfOpenAddress } from './exposure-warning.js';
import { listen } from './listen.js';
import { headRefusal, MOST_LINE_BYTES } from './request-head.js';
import { logRequests } from './request-log.js';
import { measureRequests } from './request-metrics.js';
import { routedTarget } from './request-path.js';
import { countRefusedSizes, limitAddresses } from './request-limits.js';
import { addSecurityHeaders } from './security-headers.js';
import { TlsPair } from './tls-pair.js';
import { proxyTrust } from './trusted-proxies.js';
import { traceRequests } from './request-traces.js';

/** All headers together; Node refuses more by itself. */
const MOST_HEADER_BYTES = 64 * 1024;

export interface RunningApi {
  /** Where it answers, such as `http://127.0.0.1:3000`. */
  url: string;
  close(): Promise<void>;
}

/** Starts the HTTP server on an open database. It has its indexes and the GPUs that Clockwork knows when this returns, and answers. */
export async function startApi(
  configuration: Configuration,
  database: OpenDatabase,
  logger: Logger,
): Promise<RunningApi> {
  const { limits, exposure } = configuration;
  const proxies = proxyTrust(exposure.trustProxy);
  const tls = exposure.tls === undefined ? null : await TlsPair.read(exposure.tls, logger);
  const onNode = {
    // Node answers a missing Host by itself, but without a body: headRefusal says what is wrong.
    requireHostHeader: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    ...timeLimits(limits),
  };
  const counters = (): LimitCounters => app.get(LimitCounters);
  const adapter = new FastifyAdapter({
    genReqId: () => randomUUID(),
    rewriteUrl: (request: IncomingMessage) => routedTarget(request.url ?? '/'),
    // What a route may be told is for the route to say; see QueryPipe.
    routerOptions: {
      querystringParser: (text: string) => new RawQuery(text) as never,
      // A part of the path, such as an e-mail address, is bounded by the request line.
      maxParamLength: MOST_LINE_BYTES,
    },
    clientErrorHandler: (error, socket) => {
      answerClientError(error, socket, logger, counters());
    },
    forceCloseConnections: 'idle',
    // A request that has come is answered, whenever that was.
    return503OnClosing: false,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    ...(proxies === null ? {} : { trustProxy: proxies }),
    ...(tls === null ? { http: onNode } : { https: { ...onNode, ...tls.options } }),
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.of(configuration, database, logger), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    forceCloseConnections: false,
  });
  const server = adapter.getInstance();
  // Every method that Node can read is routed, so that a wrong one meets the guard too; and Fastify looks at no body and
  // no Content-Type: the one route that takes a body reads it behind the guard. Who has no key is not read at all.
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  addSecurityHeaders(server);
  // Before all that may refuse a request.
  watchThisProcess(clockworkVersion());
  watchLimits(app.get(LimitCounters));
  if (database.kind === 'embedded') watchDisk(configuration.dataDir);
  measureRequests(server);
  traceRequests(server);
  server.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    void reply.header('X-Request-Id', request.id);
    requestContext.run({ requestId: request.id }, () => {
      const refused = headRefusal(request);
      if (refused === null) done();
      else sendProblem(reply, request.id, refused);
    });
  });
  allowOrigins(server, exposure.corsOrigins);
  limitAddresses(server, app.get(RequestLimits));
  countRefusedSizes(server, counters());
  limitConnections(server.server, limits, proxies, counters());
  // An expectation other than 100-continue may be passed over (RFC 9110, section 10.1.1).
  server.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.server.emit('request', request, response);
  });
  server.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    refuseTunnel(socket, logger);
  });
  logRequests(server, logger);
  announceClosing(server, app.get(Readiness));
  await compressAnswers(app);
  serveOpenApi(app);
  try {
    await app.get(Migrations).run((message) => {
      logger.info(message);
    });
    await app.get(Indexes).create();
    await app.get(AuditRetention).apply(configuration.audit.keptMs);
    await app.get(BuiltInGpus).fill(() => app.get(NodesService).refreshGpus());
    await app.get(DataVersions).renewSeries();
    await listen(app, configuration);
    warnOfOpenAddress(server.server, configuration, logger);
    tls?.follow(server.server);
  } catch (error) {
    // What has begun by then, such as the refilling of names, would keep the process alive.
    await app.close();
    throw error;
  }
  const url = (await app.getUrl()).replace(/^http:/, tls === null ? 'http:' : 'https:');
  app.get(Heartbeat).start('api', url);
  return {
    url,
    close: async () => {
      await closeGently(app, configuration.lifecycle);
      tls?.stop();
    },
  };
}
