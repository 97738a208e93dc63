import { Injectable } from '@nestjs/common';
import { OutageDetector } from '#libs/common';
import { MongoServerError } from 'mongodb';

/** The driver's errors for a server that is gone, not yet there, or not reachable in time. */
const OUTAGE_NAMES = new Set([
  'DatabaseTimeoutError',
  'MongoClientClosedError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'PoolClearedOnNetworkError',
]);

/**
 * Server errors that a moment's wait heals: no primary, an election, a shutdown, an interrupted or too slow operation,
 * a write that no majority confirmed in time, a snapshot that is too old or that a new index has made unreadable
 * (error_codes.yml of the MongoDB server).
 */
const OUTAGE_CODES = new Set([
  6, 7, 24, 43, 50, 63, 64, 89, 91, 112, 133, 134, 175, 189, 202, 237, 239, 246, 262, 290, 317, 358, 384, 9001, 10107,
  11600, 11601, 11602, 13435, 13436, 14031,
]);

/** A socket's own errors reach us bare when it breaks in the middle of a write. A file that is not there is no outage. */
const SOCKET_CALLS = new Set(['connect', 'read', 'write']);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
]);

const DEEPEST_CAUSE = 5;

export function isDatabaseOutage(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && current instanceof Error; depth += 1) {
    if (OUTAGE_NAMES.has(current.name)) return true;
    if (current instanceof MongoServerError && typeof current.code === 'number' && OUTAGE_CODES.has(current.code))
      return true;
    if (isSocketError(current)) return true;
    current = current.cause;
  }
  return false;
}

/** Of outages: nobody had a connection for it yet, or one that is as it was. */
const WITHOUT_A_BREAK = new Set(['DatabaseTimeoutError', 'MongoServerSelectionError']);

/** Whether an outage tells that a connection broke. */
export function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof MongoServerError) return false;
  return isDatabaseOutage(error) && !WITHOUT_A_BREAK.has(error.name);
}

function isSocketError(error: Error): boolean {
  if (!('code' in error)) return false;
  // Said by Node itself of a socket whose other end has said goodbye, before it makes any call.
  if (!('syscall' in error)) return error.code === 'EPIPE';
  return SOCKET_CODES.has(String(error.code)) && SOCKET_CALLS.has(String(error.syscall));
}

@Injectable()
export class DatabaseOutageDetector implements OutageDetector {
  isOutage(error: unknown): boolean {
    return isDatabaseOutage(error);
  }
}
