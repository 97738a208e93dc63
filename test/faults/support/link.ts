import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection that goes through a link, and who began it. */
interface Connection {
  from: string;
  ends: readonly [Socket, Socket];
}

/**
 * A TCP proxy in front of a server, whose connections can be made to carry nothing, by who began them: as packets that are
 * lost on the way, nobody is told, and what was sent arrives when the way is free again.
 */
export class Link {
  private readonly connections = new Set<Connection>();
  private cut: ReadonlySet<string> = new Set();

  private constructor(private readonly server: Server) {}

  /** @param callerOf names who began a connection, by its port */
  static async open(port: number, target: number, callerOf: (fromPort: number) => Promise<string>): Promise<Link> {
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    const link = new Link(server);
    server.on('connection', (near) => {
      near.on('error', () => near.destroy());
      void callerOf(near.remotePort ?? 0).then((from) => {
        link.carry(from, near, connect({ port: target, host: '127.0.0.1', noDelay: true }));
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return link;
  }

  /** Carries nothing any more between its server and these callers. */
  separate(callers: readonly string[]): void {
    this.cut = new Set(callers);
    for (const connection of this.connections) this.apply(connection);
  }

  async close(): Promise<void> {
    for (const { ends } of this.connections) for (const end of ends) end.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(from: string, near: Socket, far: Socket): void {
    const connection: Connection = { from, ends: [near, far] };
    this.connections.add(connection);
    const pairs = [
      [near, far],
      [far, near],
    ] as const;
    for (const [one, other] of pairs) {
      one.on('data', (chunk: Buffer) => {
        if (!other.write(chunk)) one.pause();
      });
      other.on('drain', () => {
        if (!this.cut.has(from)) one.resume();
      });
      one.on('error', () => one.destroy());
      one.on('close', () => {
        other.destroy();
        this.connections.delete(connection);
      });
    }
    this.apply(connection);
  }

  private apply({ from, ends }: Connection): void {
    for (const end of ends) {
      if (this.cut.has(from)) end.pause();
      else end.resume();
    }
  }
}
