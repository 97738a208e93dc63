import type { Socket } from 'node:net';

import { encodeMessage, LineFraming, parseKeeperMessage, type KeeperMessage } from './keeper-protocol.js';
import { connectToSocket } from './socket-connection.js';

/** A lease on the database, as long as it is open. */
export class KeeperConnection {
  /** Resolves when the keeper, or this side, has closed it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #ready = Promise.withResolvers<'ready' | { failed: string }>();
  readonly #released = Promise.withResolvers<'kept' | 'stopped'>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const framing = new LineFraming();
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      try {
        for (const line of framing.push(chunk)) this.#hear(parseKeeperMessage(line));
      } catch {
        // Not a keeper's words: as good as none.
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    socket.write(encodeMessage({ type: 'hold' }));
  }

  /** @returns undefined when no keeper listens there */
  static async open(keeperSocket: string): Promise<KeeperConnection | undefined> {
    const socket = await connectToSocket(keeperSocket);
    return socket === undefined ? undefined : new KeeperConnection(socket);
  }

  /** @returns closed when the keeper ended meanwhile */
  async whenReady(withinMs: number): Promise<'ready' | { failed: string } | 'closed' | 'timeout'> {
    return within(withinMs, [this.#ready.promise, this.closed.then(() => 'closed' as const)]);
  }

  /** Gives the lease back. @returns how it went; after stopped the keeper is gone too */
  async release(withinMs: number): Promise<'kept' | 'stopped' | 'closed' | 'timeout'> {
    this.#socket.ref();
    this.#socket.write(encodeMessage({ type: 'release' }));
    const answer = await within(withinMs, [this.#released.promise, this.closed.then(() => 'closed' as const)]);
    // The keeper's end closes the connection.
    if (answer === 'stopped') await within(withinMs, [this.closed.then(() => answer)]);
    this.close();
    return answer;
  }

  /** Lets the process end by itself while it holds the lease. */
  unref(): void {
    this.#socket.unref();
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(message: KeeperMessage): void {
    switch (message.type) {
      case 'ready':
        this.#ready.resolve('ready');
        break;
      case 'failed':
        this.#ready.resolve({ failed: message.message });
        break;
      case 'kept':
      case 'stopped':
        this.#released.resolve(message.type);
        break;
    }
  }
}

async function within<T>(milliseconds: number, outcomes: Promise<T>[]): Promise<T | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'timeout');
  });
  try {
    return await Promise.race([...outcomes, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
