import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Finding, milliseconds, seconds } from './health-part.js';

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;
const DEGRADED_MS = 250;
const FAILING_MS = 2_000;
/** One says nothing of much less. */
const SHORTEST_WINDOW_MS = 5_000;

export interface LoopDelays {
  windowMs: number;
  p50: number;
  p99: number;
  max: number;
}

/** How long this process's turns take: while one does, nobody else is answered. */
export class EventLoopDelay {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private begun = performance.now();
  private last: LoopDelays | null = null;

  start(): void {
    this.begun = performance.now();
    this.histogram.enable();
  }

  stop(): void {
    this.histogram.disable();
  }

  /** Ends a window: what is told from now on is of it, until the next one ends. */
  endWindow(): void {
    if (performance.now() - this.begun < SHORTEST_WINDOW_MS) return;
    this.last = this.current();
    this.histogram.reset();
    this.begun = performance.now();
  }

  /** Of the last whole window; before one has ended, of the time until now. */
  get delays(): LoopDelays {
    return this.last ?? this.current();
  }

  private current(): LoopDelays {
    const { histogram } = this;
    // It tells the time from one look to the next, which is a look's own distance where nothing is late.
    const late = (nanoseconds: number): number =>
      histogram.count === 0 ? 0 : Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS);
    return {
      windowMs: performance.now() - this.begun,
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    };
  }
}

export function eventLoopHealth(about: string, { windowMs, p50, p99, max }: LoopDelays): Finding {
  const status = p99 >= FAILING_MS ? 'failing' : p99 >= DEGRADED_MS ? 'degraded' : 'ok';
  return {
    part: 'event_loop',
    about,
    status,
    message: `Turns are ${p50.toFixed(1)} ms late as a rule, and ${p99.toFixed(1)} ms one time in a hundred.`,
    advice:
      status === 'ok'
        ? null
        : 'This process has more to do than it can: look at the load of its machine, and start further API processes behind a balancer.',
    measured: {
      p50: milliseconds(p50),
      p99: milliseconds(p99),
      max: milliseconds(max),
      window: seconds(windowMs),
    },
  };
}
