/** What a test has started, to be ended whatever comes of the rest. */
export class Started {
  readonly #ends: (() => Promise<void>)[] = [];

  /** @param end called once it has started, also where something beside it did not */
  add<T>(starting: Promise<T>, end: (started: T) => Promise<void>): Promise<T> {
    this.#ends.push(async () => {
      const [outcome] = await Promise.allSettled([starting]);
      if (outcome.status === 'fulfilled') await end(outcome.value);
    });
    return starting;
  }

  /** The last first. */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything that was started could be ended');
  }
}
