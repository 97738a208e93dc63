import type { Counter, Gauge } from 'prom-client';

export interface Row {
  labels: Record<string, string>;
  value: number;
}

/** Replaces all that a gauge shows. */
export function setRows(gauge: Gauge, rows: Iterable<Row>): void {
  gauge.reset();
  for (const { labels, value } of rows) gauge.set(labels, value);
}

/** Replaces all that a counter shows, which somebody else counts. */
export function setCounts(counter: Counter, rows: Iterable<Row>): void {
  counter.reset();
  for (const { labels, value } of rows) counter.inc(labels, value);
}
