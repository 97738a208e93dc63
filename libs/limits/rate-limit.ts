/** Where nothing else is said: rates are so many a minute. */
export const WINDOW_MS = 60_000;

/** How a client stands after a request. */
export interface Standing {
  isAllowed: boolean;
  /** Requests that it could make at once from now on. */
  remaining: number;
  /** Until all of them are there again. */
  untilFullMs: number;
  /** Until one more is allowed; 0 where it is at once. */
  waitMs: number;
}

/**
 * So many requests a window of each client, which may come at once; then they come back evenly, one by one (a token bucket, kept as
 * the moment at which it is full again). A client is one number in a bounded map, without a timer or a promise; what is
 * refused costs the client nothing, so that it is never kept out longer than its pace says.
 */
export class RateLimit {
  private readonly fullAt = new Map<string, number>();
  private readonly stepMs: number;

  /** @param most at least 1 */
  constructor(
    readonly most: number,
    private readonly mostClients: number,
    private readonly windowMs = WINDOW_MS,
  ) {
    this.stepMs = windowMs / most;
  }

  /** How many clients it remembers. */
  get size(): number {
    return this.fullAt.size;
  }

  /** Takes one request of a client, where it has one left. @param now of a monotonic clock, in milliseconds */
  take(client: string, now: number): Standing {
    const before = this.usedMs(client, now);
    const after = before + this.stepMs;
    // A hair's breadth for sums of fractions, which must not cost the last request.
    if (after > this.windowMs + 1e-6) {
      return { isAllowed: false, remaining: 0, untilFullMs: before, waitMs: after - this.windowMs };
    }
    this.keep(client, now + after);
    return {
      isAllowed: true,
      remaining: Math.floor((this.windowMs - after) / this.stepMs + 1e-6),
      untilFullMs: after,
      waitMs: 0,
    };
  }

  /** Whether the client's next request would be refused. */
  isUsedUp(client: string, now: number): boolean {
    return this.usedMs(client, now) + this.stepMs > this.windowMs + 1e-6;
  }

  private usedMs(client: string, now: number): number {
    return Math.max(0, (this.fullAt.get(client) ?? now) - now);
  }

  /** Whoever came first goes where there are too many: forgotten is as never seen. */
  private keep(client: string, fullAt: number): void {
    if (this.fullAt.size >= this.mostClients && !this.fullAt.has(client)) {
      const [first] = this.fullAt.keys();
      if (first !== undefined) this.fullAt.delete(first);
    }
    this.fullAt.set(client, fullAt);
  }
}
