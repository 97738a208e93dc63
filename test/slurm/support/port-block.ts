import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const SIZE = 32;
/** Below the ports that systems give to outgoing connections. */
const FIRST = 12_000;
const BLOCKS = 500;
const ATTEMPTS = 50;

/** Ports side by side that no other block of this machine has: whoever listens on the first one holds them all. */
export class PortBlock {
  readonly #first: number;
  readonly #guard: Server;

  private constructor(first: number, guard: Server) {
    this.#first = first;
    this.#guard = guard;
  }

  static async take(): Promise<PortBlock> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const first = FIRST + randomInt(BLOCKS) * SIZE;
      const guard = await listenOn(first);
      if (guard === null) continue;
      if (await allFree(first + 1, SIZE - 1)) return new PortBlock(first, guard);
      guard.close();
    }
    throw new Error(`no ${SIZE} free ports side by side were found`);
  }

  /** @param index from 0 on */
  port(index: number): number {
    if (index >= SIZE - 1) throw new Error(`a block has ${SIZE - 1} ports`);
    return this.#first + 1 + index;
  }

  free(): void {
    this.#guard.close();
  }
}

async function listenOn(port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
}

async function allFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port++) {
    const server = await listenOn(port);
    if (server === null) return false;
    server.close();
    await once(server, 'close');
  }
  return true;
}
