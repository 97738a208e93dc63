import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Configuration, ConfigurationError } from '#libs/common';

/**
 * Listens where the configuration says.
 * @throws ConfigurationError where that cannot be had, with the variable to change
 */
export async function listen(app: NestFastifyApplication, { host, port }: Configuration): Promise<void> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = whyNot(code, host, port);
    throw reason === null ? error : new ConfigurationError([reason]);
  }
}

function whyNot(code: unknown, host: string, port: number): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT is ${port}, where another process listens on ${host} already: stop that one, or set PORT to another number (0 picks a free one).`;
    case 'EACCES':
      return `PORT is ${port}, which this user may not listen on: set PORT to a number from 1024 to 65535.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is ${JSON.stringify(host)}, which is no address of this machine; it takes an address or a host name to listen on, such as 127.0.0.1.`;
    default:
      return null;
  }
}
