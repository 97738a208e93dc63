import http from 'node:http';
import https from 'node:https';

import type { SlurmrestdSource } from './source-configuration.js';

/** How many questions slurmrestd is asked at a time. */
export const MOST_CONNECTIONS = 4;

export interface RestAnswer {
  status: number;
  body: AsyncIterable<Buffer>;
  /** Gives up the rest of the body. */
  discard(): void;
}

/** HTTP to a slurmrestd, over a Unix socket or a URL, with connections that are used again. */
export class SlurmrestdClient {
  readonly #protocol: typeof http | typeof https;
  readonly #agent: http.Agent;
  readonly #target: http.RequestOptions;
  readonly #path: string;
  /** For messages. A URL without the password that somebody may have put into it. */
  readonly address: string;

  constructor(address: SlurmrestdSource['address']) {
    const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS, maxFreeSockets: 1, timeout: 60_000 };
    if ('socket' in address) {
      this.#protocol = http;
      this.#agent = new http.Agent(options);
      this.#target = { socketPath: address.socket, host: 'localhost' };
      this.#path = '';
      this.address = address.socket;
    } else {
      const url = new URL(address.url);
      this.#protocol = url.protocol === 'https:' ? https : http;
      this.#agent = new this.#protocol.Agent(options);
      this.#target = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? undefined : url.port };
      this.#path = url.pathname.replace(/\/+$/, '');
      this.address = `${url.origin}${this.#path}`;
    }
  }

  get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    again = false,
  ): Promise<RestAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.#protocol.get(
        {
          ...this.#target,
          path: this.#path + path,
          agent: this.#agent,
          signal,
          headers: { accept: 'application/json', ...headers },
        },
        (response) => {
          resolve({ status: response.statusCode ?? 0, body: response, discard: () => response.destroy() });
        },
      );
      request.once('error', (error: NodeJS.ErrnoException) => {
        // slurmrestd closed the connection just as it was to be used again.
        if (request.reusedSocket && error.code === 'ECONNRESET' && !again)
          resolve(this.get(path, headers, signal, true));
        else reject(error);
      });
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
