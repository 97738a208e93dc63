/** Traces for OpenTelemetry, where the environment names an endpoint for them. */
export type { WorkSpan } from './tracer.js';
export { isTracing, startTracing, traced, traceQuestion, traceRequest } from './tracing.js';
