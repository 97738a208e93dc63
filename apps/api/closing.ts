import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { LifecycleConfiguration } from '#libs/common';
import { Heartbeat, Readiness } from '#libs/health';

/** How often connections are closed on which nothing is under way any more. */
const IDLE_CHECK_MS = 250;

/** Once the process is to stop, each answer is the last on its connection: whoever asks again connects anew, elsewhere. */
export function announceClosing(server: FastifyInstance, readiness: Readiness): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (readiness.isStopping) void reply.header('Connection', 'close');
    done(null, payload);
  });
}

/**
 * Stops a server without losing a request: first `/health/ready` says no while all goes on, then no connection is taken any
 * more, and what is under way ends. A reader that has stopped must not keep the server from ending.
 */
export async function closeGently(
  app: NestFastifyApplication,
  { drainMs, closingMs }: LifecycleConfiguration,
): Promise<void> {
  app.get(Readiness).stop();
  await sleep(drainMs);
  const { server } = app.getHttpAdapter().getInstance();
  const cutOff = setTimeout(() => {
    server.closeAllConnections();
  }, closingMs);
  // An answer that began before the stop has promised to keep its connection.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  try {
    await Promise.all([app.get(Heartbeat).stop(), app.close()]);
  } finally {
    clearTimeout(cutOff);
    clearInterval(idle);
  }
}
