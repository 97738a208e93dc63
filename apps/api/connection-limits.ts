import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { LimitsConfiguration } from '#libs/common';
import { clientNetwork, type LimitCounters } from '#libs/limits';
import type { ProxyTrust } from './trusted-proxies.js';

/** How often Node looks for requests that take too long to arrive. */
const LOOK_EVERY_MS = 1_000;

/** Node's own limits on the time of a connection, so that nobody holds one by sending ever so slowly. */
export function timeLimits({ headersMs, requestMs }: LimitsConfiguration) {
  return {
    // Node wants the part to be no longer than the whole.
    headersTimeout: Math.min(headersMs, requestMs),
    connectionsCheckingInterval: LOOK_EVERY_MS,
    // Of TLS alone; a handshake is the head of all that follows.
    handshakeTimeout: headersMs,
  } satisfies ServerOptions & { handshakeTimeout: number };
}

/**
 * Bounds how many connections there are, in all and from one address, and cuts those on which nothing moves any more. A trusted
 * proxy's address has no bound of its own: it brings many clients.
 */
export function limitConnections(
  server: Server,
  limits: LimitsConfiguration,
  proxies: ProxyTrust | null,
  counters: LimitCounters,
): void {
  const open = new Map<string, number>();
  let all = 0;
  counters.showUse('connections', () => all);

  if (limits.connections !== 0) server.maxConnections = limits.connections;
  server.on('drop', () => {
    counters.countRefusal('connections');
  });

  server.on('connection', (socket: Socket) => {
    const address = clientNetwork(socket.remoteAddress);
    const count = (open.get(address) ?? 0) + 1;
    const isBounded = limits.connectionsPerAddress !== 0 && proxies?.(socket.remoteAddress, 0) !== true;
    if (isBounded && count > limits.connectionsPerAddress) {
      counters.countRefusal('connections_per_address');
      socket.destroy();
      return;
    }
    all += 1;
    open.set(address, count);
    socket.once('close', () => {
      all -= 1;
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });

  // A reader that takes nothing makes no progress on its socket either, so that this is what ends it.
  server.setTimeout(limits.idleMs, (socket: Socket) => {
    counters.countRefusal('idle_connection');
    socket.destroy();
  });
}
