/** Look-ups at once: enough that a valid key among wrong ones waits for milliseconds, too few for them to keep the database busy. */
const MOST_AT_ONCE = 4;
const MOST_WAITING = 1_000;

/**
 * Look-ups of keys from addresses that have sent too many wrong ones. They are made a few at a time, in the order in which they came, so
 * that a valid key behind the same address is still found, and found soon.
 */
export class LookUpTurns {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  get size(): number {
    return this.underWay + this.waiting.length;
  }

  /** @returns null where too many wait already */
  async run<T>(lookUp: () => Promise<T>): Promise<T | null> {
    if (this.underWay < MOST_AT_ONCE) this.underWay += 1;
    else if (this.waiting.length >= MOST_WAITING) return null;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await lookUp();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.underWay -= 1;
      else next();
    }
  }
}
