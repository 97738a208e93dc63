const INTERVAL_MS = 5_000;

/** Says how far long work has come, now and then: short work says nothing. */
export class PacedReport {
  private tellAt = performance.now() + INTERVAL_MS;

  constructor(private readonly report: (message: string) => void) {}

  progress(message: () => string): void {
    if (performance.now() < this.tellAt) return;
    this.tellAt = performance.now() + INTERVAL_MS;
    this.report(message());
  }
}
