import { type Problem, tooManyRequests } from '#libs/common';
import type { LimitCounters } from './limit-counters.js';

/** When a list that is being read may be done: nobody knows, and asking again costs little. */
const RETRY_SECONDS = 2;

/** How many long lists are being sent to each key. */
export class LongLists {
  private readonly underWay = new Map<string, number>();

  /** @param most of one key; 0: no limit */
  constructor(
    private readonly most: number,
    private readonly counters: LimitCounters,
  ) {
    counters.showUse('long_lists', () => [...this.underWay.values()].reduce((sum, count) => sum + count, 0));
  }

  /**
   * @returns what to call, once, when the list has ended in whatever way
   * @throws Problem 429 where the key has too many under way
   */
  begin(keyId: string): () => void {
    const count = this.underWay.get(keyId) ?? 0;
    if (this.most !== 0 && count >= this.most) throw this.refusal();
    this.underWay.set(keyId, count + 1);
    return () => {
      const left = (this.underWay.get(keyId) ?? 1) - 1;
      if (left === 0) this.underWay.delete(keyId);
      else this.underWay.set(keyId, left);
    };
  }

  private refusal(): Problem {
    this.counters.countRefusal('lists_per_key');
    return tooManyRequests(
      `This key has ${this.most} long lists under way, which is as many as it may. Read one of them to its end, or ask page by page with limit.`,
      RETRY_SECONDS,
    );
  }
}
