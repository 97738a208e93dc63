import { randomUUID } from 'node:crypto';
import { type IncomingMessage, METHODS } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Configuration, NestLogger, Problem, RawQuery, requestContext, sendProblem } from '#libs/common';
import { Indexes, type OpenDatabase } from '#libs/database';
import { ApiModule } from './api.module.js';
import { answerClientError } from './client-error.js';
import { serveOpenApi } from './openapi.js';
import { logRequests } from './request-log.js';
import { routedTarget } from './request-path.js';

/** A request line, and each header, may take this much. */
const MOST_LINE_BYTES = 16 * 1024;
/** All headers together; Node refuses more by itself. */
const MOST_HEADER_BYTES = 64 * 1024;

/** Answers under way get this long to end when the server stops. */
const MOST_CLOSING_MS = 5_000;

export interface RunningApi {
  /** Where it answers, such as `http://127.0.0.1:3000`. */
  url: string;
  close(): Promise<void>;
}

/** Starts the HTTP server on an open database. It has its indexes when this returns, and answers. */
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
    clientErrorHandler: answerClientError,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: MOST_HEADER_BYTES },
  });
  const server = adapter.getInstance();
  takeEveryMethod(server);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.of(database, logger), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    forceCloseConnections: false,
  });
  server.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    void reply.header('X-Request-Id', request.id);
    requestContext.run({ requestId: request.id }, () => {
      const refused = tooLong(request);
      if (refused === null) done();
      else sendProblem(reply, request.id, refused);
    });
  });
  logRequests(server, logger);
  serveOpenApi(app);
  await app.get(Indexes).create();
  await app.listen({ port: configuration.port, host: configuration.host });
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

/**
 * Every method that HTTP's parser knows is routed, so that the guard stands before whatever is said of it, and none has
 * its body looked at on the way: the one route that takes a body reads it, behind the guard.
 */
function takeEveryMethod(server: FastifyInstance): void {
  for (const method of METHODS) {
    if (method !== 'CONNECT') server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  }
}

function tooLong(request: FastifyRequest): Problem | null {
  if (request.originalUrl.length > MOST_LINE_BYTES) return new Problem(414, 'The request line is longer than 16 KiB.');
  const { rawHeaders } = request.raw;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length + (rawHeaders[at + 1]?.length ?? 0) > MOST_LINE_BYTES) {
      return new Problem(431, `The header ${name.slice(0, 60)} is longer than 16 KiB.`);
    }
  }
  return null;
}
