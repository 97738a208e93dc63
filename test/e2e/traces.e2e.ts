import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { exchange } from '../support/http-exchange.js';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SERVER = 2;
const CLIENT = 3;

async function started(environment: NodeJS.ProcessEnv): Promise<{ service: ClockworkService; key: string }> {
  const service = await startService(environment);
  return { service, key: await service.keyOf('ada@example.org') };
}

describe('with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  let receiver: OtlpReceiver;
  let service: ClockworkService;
  let key: string;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    ({ service, key } = await started({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }));
  }, 120_000);

  afterAll(async () => {
    await service.stop();
    await receiver.close();
  });

  async function spansOf(requestId: string): Promise<[server: ReceivedSpan, children: ReceivedSpan[]]> {
    return eventually(async () => {
      await Promise.resolve();
      const server = receiver.spans.find(({ attributes }) => attributes['clockwork.request_id'] === requestId);
      if (server === undefined) throw new Error('no span of this request has come');
      return [server, receiver.spans.filter(({ parentSpanId }) => parentSpanId === server.spanId)];
    }, 20_000);
  }

  test('a request is a span in the trace of its traceparent, and what it asks the database is in there', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    const answer = await service.request('/jobs/one?job_id=31337&cluster_name=mila&user=hunter2', { key, headers });
    const [server, children] = await spansOf(String(answer.headers['x-request-id']));
    expect(server).toMatchObject({
      traceId: TRACE,
      parentSpanId: PARENT,
      kind: SERVER,
      name: 'GET /api/v1/cluster/jobs/one',
      service: 'clockwork-api',
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/api/v1/cluster/jobs/one',
        'http.response.status_code': 200,
      },
    });
    const find = children.find(({ name }) => name === 'find jobs');
    expect(find).toMatchObject({ traceId: TRACE, kind: CLIENT });
    expect(find?.attributes).toMatchObject({ 'db.system.name': 'mongodb', 'db.collection.name': 'jobs' });
    expect(receiver.requests[0]).toEqual({ path: '/v1/traces', type: 'application/x-protobuf' });
  });

  test('a request that its caller does not trace is not', async () => {
    const untraced = { traceparent: `00-${TRACE}-${PARENT}-00` };
    const silent = await service.request('/jobs/count', { key, headers: untraced });
    const told = await service.request('/jobs/count', { key });
    const [server] = await spansOf(String(told.headers['x-request-id']));
    expect(server.traceId).not.toBe(TRACE);
    expect(receiver.spans.map(({ attributes }) => attributes['clockwork.request_id'])).not.toContain(
      silent.headers['x-request-id'],
    );
  });

  test('nothing that a client sends is in them', async () => {
    await service.request('/jobs/list?user=hunter2', { key, headers: { 'User-Agent': 'hunter2' } });
    await exchange(service.url, '/hunter2?a=hunter2', { key: 'hunter2' });
    const last = await service.request('/nodes/one?name=hunter2', { key });
    await spansOf(String(last.headers['x-request-id']));
    expect(receiver.text()).not.toContain('hunter2');
    expect(receiver.text()).not.toContain(key.slice(3, 15));
    expect(receiver.text()).not.toContain('ada');
  });
});

test('an endpoint that does not answer, or is not there, slows nobody down, and no end', async () => {
  const silent = await startOtlpReceiver(false);
  try {
    for (const endpoint of [silent.url, 'http://127.0.0.1:9']) {
      const { service, key } = await started({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      const begun = performance.now();
      for (let index = 0; index < 200; index += 1) await exchange(service.url, '/api/v1/cluster/jobs/count', { key });
      expect(performance.now() - begun).toBeLessThan(30_000);
      const stopped = performance.now();
      service.process.child.kill('SIGTERM');
      expect(await service.process.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - stopped).toBeLessThan(8_000);
    }
  } finally {
    await silent.close();
  }
}, 150_000);

/** Says on stderr which modules of OpenTelemetry are asked for. */
const WATCH = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry')) process.stderr.write('asked for ' + specifier + '\\n');
    return next(specifier, context);
  },
});`;

test('without it nothing of OpenTelemetry is loaded', async () => {
  const loaded = async (environment: NodeJS.ProcessEnv) => {
    const watching = `--import=data:text/javascript,${encodeURIComponent(WATCH)}`;
    const service = await startService({ NODE_OPTIONS: watching, ...environment });
    await service.stop();
    return service.process.stderr().includes('asked for @opentelemetry/sdk-trace');
  };
  expect(await loaded({})).toBe(false);
  const receiver = await startOtlpReceiver();
  expect(await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })).toBe(true);
  await receiver.close();
}, 120_000);
