import type { EnvironmentReader } from './environment-reader.js';

/** OpenTelemetry's own variables; all others of them are read by its exporter. */
export interface TracingConfiguration {
  /** Where traces are sent; undefined: there are none. */
  endpoint: string | undefined;
}

export function readTracing(reader: EnvironmentReader): TracingConfiguration {
  const endpoint = reader.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    // It may hold a password: it is not repeated.
    reader.problems.push(
      'OTEL_EXPORTER_OTLP_ENDPOINT takes the http:// or https:// address of an OTLP receiver, such as http://127.0.0.1:4318; unset, there are no traces.',
    );
  }
  return { endpoint };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}
