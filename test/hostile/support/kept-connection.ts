import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface KeptAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** One connection, which is kept between requests. */
export class KeptConnection {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string>,
  ) {}

  get(path: string, headers: Record<string, string> = {}): Promise<KeptAnswer> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.agent, headers: { ...this.headers, ...headers } };
      request(this.url + path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, text: Buffer.concat(chunks).toString() });
        });
      })
        .on('error', reject)
        .end();
    });
  }

  leave(): void {
    this.agent.destroy();
  }
}
