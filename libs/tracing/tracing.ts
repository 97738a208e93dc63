import type { IncomingHttpHeaders } from 'node:http';
import type { SpanAttributes, Tracer, WorkSpan } from './tracer.js';

let tracer: Tracer | undefined;

/**
 * Begins to send traces to the OTLP endpoint that the environment names (OTEL_EXPORTER_OTLP_ENDPOINT). OpenTelemetry is loaded
 * here and nowhere else: who does not trace does not have it in memory.
 * @returns what sends the rest and ends it, within a bound
 */
export async function startTracing(service: string, version: string): Promise<() => Promise<void>> {
  const { OtlpTracer } = await import('./otlp-tracer.js');
  const started = new OtlpTracer(service, version);
  tracer = started;
  return async () => {
    tracer = undefined;
    await started.close();
  };
}

/** Whether anybody traces: who has to prepare something for a span asks first. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/** The span of a request, in the trace that its `traceparent` names, and all that is done in `work` within it. */
export function traceRequest(
  headers: IncomingHttpHeaders,
  name: string,
  work: (span: WorkSpan | undefined) => void,
): void {
  if (tracer === undefined) work(undefined);
  else tracer.request(headers, name, work);
}

/** A span of its own, and all that is done in `work` within it. */
export async function traced<T>(
  name: string,
  attributes: SpanAttributes,
  work: (span?: WorkSpan) => Promise<T>,
): Promise<T> {
  return tracer === undefined ? work() : tracer.within(name, attributes, work);
}

/** A question to another process, such as the database, within the current span; undefined where there is none. */
export function traceQuestion(name: string, attributes: SpanAttributes): WorkSpan | undefined {
  return tracer?.question(name, attributes);
}
