import { Injectable } from '@nestjs/common';
import { QueueLengths } from '#libs/common';
import { isBrokenConnection } from './outage.js';

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
/**
 * The same for writes that a majority has to have, whatever is read meanwhile: a primary that is cut off from the others
 * goes on answering reads, and no write. Two rounds of heartbeats fit in, 2 s apart, which is how a new primary hears of
 * its majority at first, where the members' own channel for that still hangs on the old one.
 */
const NO_MAJORITY_MS = 4_000;
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
  private lastWrite = 0;
  private lastBreak = Number.NEGATIVE_INFINITY;
  private underWay = 0;

  constructor(queues: QueueLengths) {
    queues.add('database_calls', () => this.underWay);
  }

  /** @param operation reads, or writes without waiting for a majority */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    return this.within(() => Number.POSITIVE_INFINITY, operation);
  }

  /**
   * What is given up may still be written, or have been.
   * @param operation a write that is over when a majority has it. It is told when nobody waits for it any more: what it has
   *   not begun by then, it must not begin
   * @param since when the wait began, by `performance.now()`, where it was before the call
   */
  async write<T>(operation: (abandoned: AbortSignal) => Promise<T>, since = performance.now()): Promise<T> {
    const result = await this.within(() => Math.max(since, this.lastWrite) + NO_MAJORITY_MS, operation);
    this.lastWrite = performance.now();
    return result;
  }

  /** @param bound until when it has time, besides */
  private async within<T>(bound: () => number, operation: (abandoned: AbortSignal) => Promise<T>): Promise<T> {
    if (this.underWay >= MOST_CALLS) throw new DatabaseTimeoutError('too many database calls are under way');
    this.underWay += 1;
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const abandoned = new AbortController();
    const deadline = new Promise<never>((_, reject) => {
      const check = (): void => {
        const now = performance.now();
        const left = Math.min(bound(), this.deadlineOf(started)) - now;
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
      if (isBrokenConnection(error)) this.lastBreak = performance.now();
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
