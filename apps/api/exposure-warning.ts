import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Configuration } from '#libs/common';

/** Says at the start where keys would travel for everybody to read. */
export function warnOfOpenAddress(server: Server, { exposure }: Configuration, logger: Logger): void {
  const listening = server.address();
  if (listening === null || typeof listening === 'string' || isLoopback(listening.address)) return;
  if (exposure.tls !== undefined || exposure.trustProxy !== undefined) return;
  logger.warn(
    { address: listening.address },
    'other machines can connect, and without TLS the network sees their keys: set TLS_CERT and TLS_KEY, or put a proxy with TLS in front and set TRUST_PROXY to its address',
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
