/** Lets at most so many operations be under way at once; more wait for their turn, in the order in which they came. */
export class Turns {
  private busy = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly mostAtOnce: number) {}

  get underWay(): number {
    return this.busy;
  }

  get waiting(): number {
    return this.queue.length;
  }

  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.busy < this.mostAtOnce) this.busy += 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await operation();
    } finally {
      this.passOn();
    }
  }

  /** A turn goes straight to whoever waits longest, so that nobody who comes later gets in between. */
  private passOn(): void {
    const next = this.queue.shift();
    if (next === undefined) this.busy -= 1;
    else next();
  }
}
