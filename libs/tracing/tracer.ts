import type { IncomingHttpHeaders } from 'node:http';

/** Names and numbers of ours alone: never what a client sent, such as a query string, a key or a name. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** Some work that is under way. */
export interface WorkSpan {
  set(attributes: SpanAttributes): void;
  /** @param failed whether the work failed; why is for the log */
  end(failed?: boolean): void;
}

/** What tracing needs of whatever traces. */
export interface Tracer {
  request(headers: IncomingHttpHeaders, name: string, work: (span: WorkSpan) => void): void;
  within<T>(name: string, attributes: SpanAttributes, work: (span: WorkSpan) => Promise<T>): Promise<T>;
  question(name: string, attributes: SpanAttributes): WorkSpan | undefined;
}
