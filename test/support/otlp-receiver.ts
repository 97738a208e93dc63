import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** 1 internal, 2 server, 3 client */
  kind: number;
  attributes: Record<string, string | number>;
  service: string;
}

/** Takes what is sent by OTLP over HTTP, in protobuf. */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  requests: { path: string; type: string }[];
  /** All that was sent, to look for what must not be in it. */
  text(): string;
  close(): Promise<void>;
}

/** @param answers false: it takes connections and never answers */
export async function startOtlpReceiver(answers = true): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'] = [];
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '' });
      const sent = Buffer.concat(pieces);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      bodies.push(body);
      spans.push(...spansIn(body));
      if (answers) response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    text: () => Buffer.concat(bodies).toString('latin1'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A message's fields by their numbers (opentelemetry-proto, trace/v1/trace.proto and common/v1/common.proto). */
type Fields = Map<number, (Buffer | bigint)[]>;

function spansIn(body: Buffer): ReceivedSpan[] {
  return messages(fields(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = resource === undefined ? '' : String(attributesIn(resource, 1)['service.name']);
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        traceId: bytes(span, 1).toString('hex'),
        spanId: bytes(span, 2).toString('hex'),
        parentSpanId: bytes(span, 4).toString('hex'),
        name: bytes(span, 5).toString(),
        kind: Number(span.get(6)?.[0] ?? 0n),
        attributes: attributesIn(span, 9),
        service,
      }));
  });
}

function attributesIn(message: Fields, number: number): Record<string, string | number> {
  return Object.fromEntries(
    messages(message, number).map((pair) => {
      const [value] = messages(pair, 2);
      const integer = value?.get(3)?.[0];
      const text = value === undefined ? '' : bytes(value, 1).toString();
      return [bytes(pair, 1).toString(), integer === undefined ? text : Number(integer)];
    }),
  );
}

function messages(message: Fields, number: number): Fields[] {
  return (message.get(number) ?? []).filter((value) => Buffer.isBuffer(value)).map(fields);
}

function bytes(message: Fields, number: number): Buffer {
  const [value] = message.get(number) ?? [];
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function fields(message: Buffer): Fields {
  const found: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const value = valueOfType(tag & 7, varint, take);
    found.set(tag >> 3, [...(found.get(tag >> 3) ?? []), value]);
  }
  return found;
}

function valueOfType(type: number, varint: () => bigint, take: (length: number) => Buffer): Buffer | bigint {
  switch (type) {
    case 0:
      return varint();
    case 1:
      return take(8).readBigUInt64LE();
    case 2:
      return take(Number(varint()));
    case 5:
      return BigInt(take(4).readUInt32LE());
    default:
      throw new Error(`a protobuf field of type ${type}`);
  }
}
