import { type Configuration, ConfigurationError } from '#libs/common';

/** What the operating system says of an address that cannot be listened on, as what to change; anything else as it is. */
export function listenError(error: unknown, { host, port }: Pick<Configuration, 'host' | 'port'>): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'EADDRINUSE':
      return new ConfigurationError([
        `PORT is ${port}; another process listens there already. It takes a free port number, or 0, which picks one.`,
      ]);
    case 'EACCES':
      return new ConfigurationError([
        `PORT is ${port}; this user may not listen there. It takes a port number that they may use, mostly from 1024 on.`,
      ]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigurationError([
        `HOST is ${JSON.stringify(host)}; this machine has no such address. It takes one that it has, such as 127.0.0.1.`,
      ]);
    default:
      return error;
  }
}
