import type { Exchange } from './bounded-exchange.ts';

interface Fault {
  from: number;
  to: number;
  /** Whether the API itself may be away, so that nobody answers at all. */
  apiAway: boolean;
}

/** When something is broken on purpose: what a client may be told then is wrong at any other time. */
export class Weather {
  private readonly faults: Fault[] = [];

  /** @returns to be called when it is over */
  begin(apiAway: boolean): () => void {
    const fault = { from: performance.now(), to: Number.POSITIVE_INFINITY, apiAway };
    this.faults.push(fault);
    return () => {
      fault.to = performance.now();
    };
  }

  get isFair(): boolean {
    return this.faults.every(({ to }) => to < performance.now());
  }

  /** Whether a fault fell into the time of a request. */
  excuses({ began, ended }: Exchange, apiAway: boolean): boolean {
    return this.faults.some((fault) => fault.from <= ended && fault.to >= began && (!apiAway || fault.apiAway));
  }
}
