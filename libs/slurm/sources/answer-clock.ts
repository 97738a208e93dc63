/** Counts the time that a cluster takes over its answer, without that which we take over what it said. */
export class AnswerClock {
  readonly #expired: () => void;
  readonly #limitMs: number;
  #spent = 0;
  #since: number | null = null;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to count. @param expired called once, when the limit has been spent */
  constructor(limitMs: number, expired: () => void) {
    this.#limitMs = limitMs;
    this.#expired = expired;
    this.#run();
  }

  get milliseconds(): number {
    return Math.round(this.#spent + (this.#since === null ? 0 : performance.now() - this.#since));
  }

  /** Does something of ours, while the clock stands. */
  async without<T>(work: () => T | Promise<T>): Promise<T> {
    this.#pauses += 1;
    this.#halt();
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#run();
    }
  }

  /** For good. */
  stop(): void {
    this.#pauses = Infinity;
    this.#halt();
  }

  #run(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(this.#expired, Math.max(0, this.#limitMs - this.#spent));
  }

  #halt(): void {
    if (this.#since !== null) this.#spent += performance.now() - this.#since;
    this.#since = null;
    clearTimeout(this.#timer);
  }
}
