interface Queue {
  underWay: number;
  waiting: (() => void)[];
}

/**
 * Lets at most so many operations on one key be under way at once; more wait for their turn, in the order in which
 * they came. Operations on different keys never wait for each other.
 */
export class BoundedTurns {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly mostAtOnce: number) {}

  /** How many wait for a turn. */
  get waiting(): number {
    return this.queues.values().reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** @param abandoned an operation whose turn comes after this was aborted is not begun: nobody waits for it any more */
  async run<T>(key: string, abandoned: AbortSignal, operation: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key) ?? { underWay: 0, waiting: [] };
    this.queues.set(key, queue);
    if (queue.underWay < this.mostAtOnce) queue.underWay += 1;
    else await new Promise<void>((resolve) => queue.waiting.push(resolve));
    try {
      abandoned.throwIfAborted();
      return await operation();
    } finally {
      this.passOn(key, queue);
    }
  }

  /** A turn goes straight to whoever waits longest, so that nobody who comes later gets in between. */
  private passOn(key: string, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next !== undefined) next();
    else queue.underWay -= 1;
    if (queue.underWay === 0) this.queues.delete(key);
  }
}
