import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const CHECK_MS = 100;
/** Of one connection alone (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive']);

/** A balancer in front of several servers: what a client asks goes to the next one that is ready. */
export interface Balancer {
  url: string;
  /** Which servers were ready when last asked. */
  ready(): readonly string[];
  /** How many requests each was given. */
  given(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * Asks each server's /health/ready all the time, keeps its connections to them open, and tries nothing twice: what a server
 * loses is lost.
 */
export async function startBalancer(upstreams: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  const given = new Map(upstreams.map((url) => [url, 0]));
  let ready: string[] = [];
  let turn = 0;
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    turn += 1;
    const url = ready[turn % Math.max(1, ready.length)];
    if (url === undefined) {
      response.writeHead(502).end('no server is ready');
      return;
    }
    given.set(url, (given.get(url) ?? 0) + 1);
    forward(agent, url, request, response);
  };
  const check = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const yes = await Promise.all(upstreams.map(isReady));
      ready = upstreams.filter((_, at) => yes[at]);
      await sleep(CHECK_MS);
    }
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const checking = check();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: () => ready,
    given: () => given,
    close: async () => {
      stopping.abort();
      await checking;
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

function without(names: ReadonlySet<string>, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
}

function forward(agent: Agent, url: string, request: IncomingMessage, response: ServerResponse): void {
  const { hostname, port } = new URL(url);
  const headers = without(HOP_BY_HOP, request.headers);
  const passed = httpRequest(
    { agent, hostname, port, path: request.url, method: request.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, without(HOP_BY_HOP, answer.headers));
      answer.pipe(response);
      // An answer that breaks off is passed on as one.
      answer.on('error', () => response.destroy());
    },
  );
  passed.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(String(error));
  });
  request.pipe(passed);
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = httpRequest(`${url}/health/ready`, { agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(false);
    });
    request.end();
  });
}
