/** Keys of the dict that a writer goes round in: so much of what it wrote last can be seen at once. */
const SLOTS = 400;
/** An update that was not acknowledged may still take effect, but after this time no more. */
const DOUBT_MS = 30_000;

/**
 * What one writer has written into one job's dict: numbers that go up, each under a key of the ring, and what is known of
 * each. Every dict that anybody reads can be held against it.
 */
export class NumberedWrites {
  acknowledgedCount = 0;
  private readonly acknowledged = new Int32Array(SLOTS);
  private readonly sent = new Int32Array(SLOTS);
  private readonly doubtfulUntil = new Float64Array(SLOTS);
  private number = 0;

  constructor(
    readonly jobId: string,
    private readonly prefix: string,
  ) {}

  /** @returns null while an update that may still take effect is all over the ring */
  begin(): { number: number; pairs: Record<string, number> } | null {
    for (let tries = 0; tries < SLOTS; tries += 1) {
      this.number += 1;
      const slot = this.number % SLOTS;
      if ((this.doubtfulUntil[slot] ?? 0) > performance.now()) continue;
      this.sent[slot] = this.number;
      return { number: this.number, pairs: { [this.keyOf(slot)]: this.number } };
    }
    return null;
  }

  confirm(number: number): void {
    this.acknowledged[number % SLOTS] = number;
    this.acknowledgedCount += 1;
  }

  doubt(number: number): void {
    this.doubtfulUntil[number % SLOTS] = performance.now() + DOUBT_MS;
  }

  /** What whoever asks from now on has to be shown at least. */
  floor(): Int32Array {
    return this.acknowledged.slice();
  }

  /** @returns what is wrong with a dict that was asked for at the time of `floor`, in words; null: nothing */
  problemIn(dict: unknown, floor: Int32Array): string | null {
    if (typeof dict !== 'object' || dict === null) return `job ${this.jobId} has no dict`;
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const key = this.keyOf(slot);
      const value: unknown = key in dict ? dict[key as keyof typeof dict] : 0;
      const least = floor[slot] ?? 0;
      if (typeof value !== 'number' || (value !== 0 && value % SLOTS !== slot)) {
        return `job ${this.jobId}: ${key} is ${String(value)}, which nobody wrote`;
      }
      if (value < least) return `job ${this.jobId}: ${key} is ${value}, but ${least} was acknowledged before`;
      if (value > (this.sent[slot] ?? 0)) return `job ${this.jobId}: ${key} is ${value}, which was not sent yet`;
    }
    return null;
  }

  private keyOf(slot: number): string {
    return `${this.prefix}${slot}`;
  }
}
