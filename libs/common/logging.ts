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
  if (configuration.logFormat === 'json') return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(options, pretty({ destination: 2, sync: true, colorize: process.stderr.isTTY, ignore: 'pid,hostname' }));
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
