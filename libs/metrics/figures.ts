import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { registers } from './registry.js';

/** Figures that are worked out of the database for whoever scrapes. */
export interface FigureSource {
  name: string;
  /** Works them out and shows them. It may fail, and has to end by itself. */
  refresh(): Promise<void>;
  /** Shows none. */
  clear(): void;
}

/** However many scrape, figures are worked out no more often than this, */
const LEAST_AGE_MS = 10_000;
/** and no more of the time than this share. */
const MOST_SHARE = 1 / 20;
/** A scrape waits this long for figures; then it takes those of before, */
const MOST_WAIT_MS = 2_000;
/** unless those have been due for this long. */
const MOST_LATE_MS = 120_000;

const refreshSeconds = new Gauge({
  name: 'clockwork_figures_duration_seconds',
  help: 'How long the last working out of figures from the database took: source is jobs, nodes or clusters.',
  labelNames: ['source'],
  registers,
});

const workedOut = new Gauge({
  name: 'clockwork_figures_timestamp_seconds',
  help: 'When the figures that are shown were worked out.',
  labelNames: ['source'],
  registers,
});

const failures = new Counter({
  name: 'clockwork_figures_failures_total',
  help: 'How often that failed; the figures are absent then.',
  labelNames: ['source'],
  registers,
});

interface Kept {
  source: FigureSource;
  /** When they are due, by `performance.now()`. */
  nextAt: number;
  running: Promise<void> | null;
}

/** Keeps the figures of all libraries, at a bounded cost. */
@Injectable()
export class Figures {
  private readonly kept: Kept[] = [];

  add(source: FigureSource): void {
    failures.inc({ source: source.name }, 0);
    this.kept.push({ source, nextAt: Number.NEGATIVE_INFINITY, running: null });
  }

  /** Brings figures up to date that are due, and returns when they are or when a scrape has waited long enough. Never fails. */
  async freshen(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MOST_WAIT_MS);
    });
    await Promise.race([patience, Promise.all(this.kept.map((kept) => this.due(kept)))]);
    clearTimeout(timer);
    for (const { source, nextAt } of this.kept) {
      if (performance.now() - nextAt > MOST_LATE_MS) forget(source);
    }
  }

  private async due(kept: Kept): Promise<void> {
    if (performance.now() < kept.nextAt) return;
    kept.running ??= this.refresh(kept).finally(() => {
      kept.running = null;
    });
    await kept.running;
  }

  private async refresh(kept: Kept): Promise<void> {
    const { source } = kept;
    const begun = performance.now();
    const at = Date.now();
    try {
      await source.refresh();
      const took = performance.now() - begun;
      kept.nextAt = begun + Math.max(LEAST_AGE_MS, took / MOST_SHARE);
      refreshSeconds.set({ source: source.name }, took / 1000);
      workedOut.set({ source: source.name }, at / 1000);
    } catch {
      // The next scrape tries again. What the database holds is not known: figures of before would look like it.
      kept.nextAt = Number.NEGATIVE_INFINITY;
      failures.inc({ source: source.name });
      forget(source);
    }
  }
}

function forget(source: FigureSource): void {
  source.clear();
  workedOut.remove({ source: source.name });
  refreshSeconds.remove({ source: source.name });
}
