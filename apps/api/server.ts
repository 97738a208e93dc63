import { randomUUID } from 'node:crypto';
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { clockworkVersion, type Configuration, NestLogger, RawQuery, requestContext, sendProblem } from '#libs/common';
import { Indexes, type OpenDatabase } from '#libs/database';
import { BuiltInGpus } from '#libs/gpu';
import { watchDisk, watchThisProcess } from '#libs/metrics';
import { NodesService } from '#libs/nodes';
import { ApiModule } from './api.module.js';
import { answerClientError, refuseTunnel } from './bare-socket.js';
import { serveOpenApi } from './openapi.js';
import { compressAnswers } from './compression.js';
import { listen } from './listen.js';
import { headRefusal } from './request-head.js';
import { logRequests } from './request-log.js';
import { measureRequests } from './request-metrics.js';
import { routedTarget } from './request-path.js';
import { traceRequests } from './request-traces.js';

/** All headers together; Node refuses more by itself. */
const MOST_HEADER_BYTES = 64 * 1024;

/** A request has to have arrived by then, body and all: nobody holds a socket by sending ever so slowly. */
const LONGEST_REQUEST_MS = 120_000;

/** Answers under way get this long to end when the server stops. */
const MOST_CLOSING_MS = 5_000;

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
  const adapter = new FastifyAdapter({
    genReqId: () => randomUUID(),
    rewriteUrl: (request: IncomingMessage) => routedTarget(request.url ?? '/'),
    // What a route may be told is for the route to say; see QueryPipe.
    routerOptions: { querystringParser: (text: string) => new RawQuery(text) as never },
    clientErrorHandler: (error, socket) => {
      answerClientError(error, socket, logger);
    },
    forceCloseConnections: 'idle',
    requestTimeout: LONGEST_REQUEST_MS,
    // Node answers a missing Host by itself, but without a body: headRefusal says what is wrong.
    http: { maxHeaderSize: MOST_HEADER_BYTES, requireHostHeader: false },
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.of(database, logger), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    forceCloseConnections: false,
  });
  const server = adapter.getInstance();
  // Every method that Node can read is routed, so that a wrong one meets the guard too; and Fastify looks at no body and
  // no Content-Type: the one route that takes a body reads it behind the guard. Who has no key is not read at all.
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  // Before all that may refuse a request.
  watchThisProcess(clockworkVersion());
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
  // An expectation other than 100-continue may be passed over (RFC 9110, section 10.1.1).
  server.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.server.emit('request', request, response);
  });
  server.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    refuseTunnel(socket, logger);
  });
  logRequests(server, logger);
  await compressAnswers(app);
  serveOpenApi(app);
  try {
    await app.get(Indexes).create();
    await app.get(BuiltInGpus).fill(() => app.get(NodesService).refreshGpus());
    await listen(app, configuration);
  } catch (error) {
    // What has begun by then, such as the refilling of names, would keep the process alive.
    await app.close();
    throw error;
  }
  return {
    url: await app.getUrl(),
    close: async () => {
      // Whoever is being answered gets the rest; a reader that has stopped must not keep the server from ending.
      const cutOff = setTimeout(() => {
        server.server.closeAllConnections();
      }, MOST_CLOSING_MS);
      await app.close();
      clearTimeout(cutOff);
    },
  };
}
