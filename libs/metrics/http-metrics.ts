import { Counter, Gauge, Histogram } from 'prom-client';
import { registers } from './registry.js';

/** From a known job to a list of a million. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Its `_count` is the number of requests. */
export const requestSeconds = new Histogram({
  name: 'clockwork_http_request_duration_seconds',
  help: 'From the head of a request to the last byte of its answer, which a slow reader holds up, by route.',
  labelNames: ['method', 'route', 'status'],
  buckets: SECONDS,
  registers,
});

export const requestsInFlight = new Gauge({
  name: 'clockwork_http_requests_in_flight',
  help: 'Requests that are being answered.',
  registers,
});

export const abortedRequests = new Counter({
  name: 'clockwork_http_aborted_requests_total',
  help: 'Requests whose client left before it had the whole answer.',
  labelNames: ['route'],
  registers,
});

export const responseBytes = new Counter({
  name: 'clockwork_http_response_bytes_total',
  help: 'Bytes of answers as they were sent, heads and compression included, by route.',
  labelNames: ['route'],
  registers,
});

export const authenticationFailures = new Counter({
  name: 'clockwork_authentication_failures_total',
  help: 'Requests without a valid key: reason is no_key where none was sent, else refused.',
  labelNames: ['reason'],
  registers,
});
for (const reason of ['no_key', 'refused']) authenticationFailures.inc({ reason }, 0);
