import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanAttributes, Tracer, WorkSpan } from './tracer.js';

/** Spans that wait to be sent; more are dropped. */
const MOST_WAITING = 4096;
const MOST_SENT_AT_ONCE = 512;
const SEND_EVERY_MS = 2_000;
/** An endpoint that does not answer is given up after this long, also when the process ends. */
const LONGEST_SENDING_MS = 5_000;
const LONGEST_CLOSING_MS = 2_000;

/** Sends spans by OTLP over HTTP in protobuf. Its address and headers are those of the environment, by OpenTelemetry's rules. */
export class OtlpTracer implements Tracer {
  private readonly propagator = new W3CTraceContextPropagator();
  private readonly contexts = new AsyncLocalStorage<Context>();
  private readonly provider: TracerProvider;
  private readonly tracer: OtelTracer;

  constructor(service: string, version: string) {
    this.provider = new TracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ 'service.name': service, 'service.version': version }))
        .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
      sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ timeoutMillis: LONGEST_SENDING_MS }),
          maxQueueSize: MOST_WAITING,
          maxExportBatchSize: MOST_SENT_AT_ONCE,
          scheduledDelayMillis: SEND_EVERY_MS,
          exportTimeoutMillis: LONGEST_SENDING_MS,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('clockwork', version);
  }

  request(headers: IncomingHttpHeaders, name: string, work: (span: WorkSpan) => void): void {
    const parent = this.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
    this.contexts.run(trace.setSpan(parent, span), () => {
      work(new OtlpSpan(span));
    });
  }

  async within<T>(name: string, attributes: SpanAttributes, work: (span: WorkSpan) => Promise<T>): Promise<T> {
    const parent = this.contexts.getStore() ?? ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: { ...attributes } }, parent);
    const working = new OtlpSpan(span);
    try {
      const result = await this.contexts.run(trace.setSpan(parent, span), () => work(working));
      working.end();
      return result;
    } catch (error) {
      working.end(true);
      throw error;
    }
  }

  question(name: string, attributes: SpanAttributes): WorkSpan | undefined {
    const parent = this.contexts.getStore();
    if (parent === undefined) return undefined;
    return new OtlpSpan(this.tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: { ...attributes } }, parent));
  }

  /** Sends what waits, as far as the endpoint takes it in time. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_CLOSING_MS);
    });
    await Promise.race([patience, this.provider.shutdown().catch(() => undefined)]);
    clearTimeout(timer);
  }
}

class OtlpSpan implements WorkSpan {
  constructor(private readonly span: Span) {}

  set(attributes: SpanAttributes): void {
    this.span.setAttributes({ ...attributes });
  }

  end(failed = false): void {
    if (failed) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}
