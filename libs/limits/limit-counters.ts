/** What was refused, or cut, and by which limit. */
export const REFUSALS = [
  'key_rate',
  'address_rate',
  'failed_keys',
  'lists_per_key',
  'connections',
  'connections_per_address',
  'slow_request',
  'idle_connection',
  'request_line_size',
  'header_size',
  'body_size',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What is taken of limits at the moment. */
export const USES = ['connections', 'long_lists', 'clients_remembered', 'keys_in_doubt'] as const;
export type Use = (typeof USES)[number];

/** Counts for whoever shows them: since the start, or at the moment. */
export class LimitCounters {
  private readonly refusals = new Map<Refusal, number>(REFUSALS.map((refusal) => [refusal, 0]));
  private readonly uses = new Map<Use, () => number>();

  countRefusal(refusal: Refusal): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
  }

  /** @param read what is in use when it is asked for */
  showUse(use: Use, read: () => number): void {
    this.uses.set(use, read);
  }

  /** Since the start, every kind. */
  refused(): ReadonlyMap<Refusal, number> {
    return this.refusals;
  }

  /** At the moment; a use that nobody shows is 0. */
  inUse(): ReadonlyMap<Use, number> {
    return new Map(USES.map((use) => [use, this.uses.get(use)?.() ?? 0]));
  }
}
