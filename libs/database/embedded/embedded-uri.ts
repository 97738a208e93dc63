/** The socket's path is the host; direct, since the name in the replica set's configuration is nobody's to resolve. */
export function embeddedUri(socketPath: string): string {
  return `mongodb://${encodeURIComponent(socketPath)}/?directConnection=true`;
}
