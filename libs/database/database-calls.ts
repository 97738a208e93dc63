import { Injectable } from '@nestjs/common';
import { MongoServerError } from 'mongodb';
import { QueueLengths } from '#libs/common';
import { isDatabaseOutage } from './outage.js';

/** Thrown when the database gives no answer: it hangs, or is far behind. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';
}

/** Without any answer from the database for this long, what waits for it is told so. */
const SILENCE_MS = 2_300;
/**
 * A call that was under way when a connection broke, or began right then, may have been written to one that was already
 * dead, where the driver waits for ever: it gets no more than this from then on, whatever answers others get.
 */
const AFTER_A_BREAK_MS = 1_500;
const RIGHT_THEN_MS = 500;
/** However busy the database is, one call waits no longer than this. */
const LONGEST_CALL_MS = 20_000;
/** Calls under way at once; more are refused, so that a flood costs answers and not memory. */
const MOST_CALLS = 10_000;

/**
 * The deadline of every database call that a request makes. A mongod that hangs keeps its connections open and the
 * driver waits on; here, a call fails once the database has been silent, to anybody, for a while. A database that is
 * merely busy goes on answering others meanwhile, and a call queued behind them gets more time.
 */
@Injectable()
export class DatabaseCalls {
  private lastAnswer = 0;
  private lastBreak = Number.NEGATIVE_INFINITY;
  private underWay = 0;

  constructor(queues: QueueLengths) {
    queues.add('database_calls', () => this.underWay);
  }

  /** @param operation is told when nobody waits for it any more: what it has not begun by then, it must not begin */
  async run<T>(operation: (abandoned: AbortSignal) => Promise<T>): Promise<T> {
    if (this.underWay >= MOST_CALLS) throw new DatabaseTimeoutError('too many database calls are under way');
    this.underWay += 1;
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const abandoned = new AbortController();
    const deadline = new Promise<never>((_, reject) => {
      const check = (): void => {
        const now = performance.now();
        const left = this.deadlineOf(started) - now;
        if (left > 0) {
          timer = setTimeout(check, left);
          return;
        }
        const timeout = new DatabaseTimeoutError(`no answer in ${Math.round(now - started)} ms`);
        abandoned.abort(timeout);
        reject(timeout);
      };
      check();
    });
    const answer = (async () => operation(abandoned.signal))(); // also where it throws at once
    // After the deadline nobody listens any more to how the operation ends.
    answer.catch((error: unknown) => {
      const isAnswer = error instanceof MongoServerError;
      if (!isAnswer && isDatabaseOutage(error)) this.lastBreak = performance.now();
    });
    try {
      const result = await Promise.race([answer, deadline]);
      this.lastAnswer = performance.now();
      return result;
    } finally {
      clearTimeout(timer);
      this.underWay -= 1;
    }
  }

  private deadlineOf(started: number): number {
    const silence = Math.max(started, this.lastAnswer) + SILENCE_MS;
    const isSuspect = started < this.lastBreak + RIGHT_THEN_MS;
    const suspicion = isSuspect ? Math.max(started, this.lastBreak) + AFTER_A_BREAK_MS : Number.POSITIVE_INFINITY;
    return Math.min(silence, suspicion, started + LONGEST_CALL_MS);
  }
}
