import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Configuration } from './configuration.js';
import { requestContext } from './request-context.js';

/**
 * The process's log, on stderr: stdout is for what a command answers. Lines written while a request is served carry its
 * id. What may be secret (headers, bodies, keys, query strings) is never handed to it.
 */
export function createLogger(configuration: Pick<Configuration, 'logLevel' | 'logFormat'>): Logger {
  const options: pino.LoggerOptions = {
    level: configuration.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const context = requestContext.getStore();
      return context === undefined ? {} : { request_id: context.requestId };
    },
  };
  if (configuration.logFormat === 'json') return pino(options, jsonDestination());
  return pino(options, pretty({ destination: 2, sync: true, colorize: process.stderr.isTTY, ignore: 'pid,hostname' }));
}

/** Lines that a reader of the log is behind with; beyond them they are dropped, and nobody who asks waits for it. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** Lines go out as soon as those before are written, together where there are several; the last ones at the exit. */
function jsonDestination(): pino.DestinationStream {
  const destination = pino.destination({ fd: 2, sync: false, maxLength: MOST_WAITING_BYTES });
  // Whoever read the log has gone.
  destination.on('error', () => undefined);
  process.on('exit', () => {
    try {
      destination.flushSync();
    } catch {
      // Not open yet, or gone: there is nobody left to tell.
    }
  });
  return destination;
}

/** Nest's own messages, as lines of ours. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }
}
