import { Turns } from '#libs/common';

/** Look-ups at once: enough that a valid key among wrong ones waits for milliseconds, too few for them to keep the database busy. */
const MOST_AT_ONCE = 4;
const MOST_WAITING = 1_000;

/**
 * Look-ups of keys from addresses that have sent too many wrong ones. They are made a few at a time, in the order in which they came, so
 * that a valid key behind the same address is still found, and found soon.
 */
export class LookUpTurns {
  private readonly turns = new Turns(MOST_AT_ONCE);

  get size(): number {
    return this.turns.underWay + this.turns.waiting;
  }

  /** @returns null where too many wait already */
  async run<T>(lookUp: () => Promise<T>): Promise<T | null> {
    return this.turns.waiting < MOST_WAITING ? this.turns.run(lookUp) : null;
  }
}
