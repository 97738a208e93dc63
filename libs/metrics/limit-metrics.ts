import { Counter, Gauge } from 'prom-client';
import { registers } from './registry.js';

/** What counts at the limits; libs/limits has it. */
export interface WatchedLimits {
  /** Since the start, by limit. */
  refused(): ReadonlyMap<string, number>;
  /** At the moment, by what is taken. */
  inUse(): ReadonlyMap<string, number>;
}

let limits: WatchedLimits | undefined;

new Counter({
  name: 'clockwork_limit_refusals_total',
  help: 'Requests and connections that a limit refused or cut.',
  labelNames: ['limit'],
  registers,
  collect() {
    this.reset();
    for (const [limit, count] of limits?.refused() ?? []) this.inc({ limit }, count);
  },
});
new Gauge({
  name: 'clockwork_limit_in_use',
  help: 'What is taken of limits at the moment.',
  labelNames: ['what'],
  registers,
  collect() {
    for (const [what, count] of limits?.inUse() ?? []) this.set({ what }, count);
  },
});

/** Begins to tell what limits have refused. */
export function watchLimits(watched: WatchedLimits): void {
  limits = watched;
}
