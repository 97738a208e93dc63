import Negotiator from 'negotiator';
import { Registry } from 'prom-client';
import { registry } from './registry.js';

export const PROMETHEUS_MEDIA_TYPE = 'text/plain';
export const OPENMETRICS_MEDIA_TYPE = 'application/openmetrics-text';

const PROMETHEUS = `${PROMETHEUS_MEDIA_TYPE}; version=0.0.4`;
const OPENMETRICS = `${OPENMETRICS_MEDIA_TYPE}; version=1.0.0`;

export interface Exposition {
  contentType: string;
  text: string;
}

/**
 * All figures in the form that a client takes: OpenMetrics 1.0 for who asks for it, else the text format of Prometheus 0.0.4.
 * @param accept the header `Accept`
 */
export async function exposition(accept: string | undefined): Promise<Exposition> {
  const text = await registry.metrics();
  return takesOpenMetrics(accept)
    ? { contentType: Registry.OPENMETRICS_CONTENT_TYPE, text: openMetrics(text) }
    : { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text };
}

/** Our names need no escaping, so that any way of it is the same to us; Prometheus 3 asks for one. */
function takesOpenMetrics(accept: string | undefined): boolean {
  const plain = accept?.replaceAll(/;\s*(escaping|charset)=[^;,]*/g, '');
  const headers = plain === undefined ? {} : { accept: plain };
  return new Negotiator({ headers }).mediaType([PROMETHEUS, OPENMETRICS]) === OPENMETRICS;
}

/**
 * prom-client would write OpenMetrics too, but takes `_total` off its counters' names as it does so, for the other form as well.
 * The two differ in the names of counters, in empty lines, in how a bucket's bound is written, and at the end.
 */
export function openMetrics(prometheus: string): string {
  const counters = new Set([...prometheus.matchAll(/^# TYPE (\S+)_total counter$/gm)].map(([, name]) => name));
  return `${prometheus
    .replaceAll(/^# (HELP|TYPE) (\S+)_total /gm, (line, kind: string, name: string) =>
      counters.has(name) ? `# ${kind} ${name} ` : line,
    )
    .replaceAll(/\ble="(\d+)"/g, 'le="$1.0"')
    .replaceAll(/\n{2,}/g, '\n')}# EOF\n`;
}
