import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';
import { watchProcess } from './process-output.js';
import { freePort } from './free-port.js';

const FILES = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url));

export interface RunningNginx {
  url: string;
  stop(): Promise<void>;
}

/** Starts nginx with our configuration in front of two servers; without TLS, on loopback, and with its files elsewhere. */
export async function startNginx(upstreams: readonly [string, string]): Promise<RunningNginx> {
  const directory = await mkdtemp(join(tmpdir(), 'clockwork-nginx-'));
  const port = await freePort();
  const [first, second] = upstreams.map((url) => new URL(url).host);
  const replaced: [string | RegExp, string][] = [
    ['listen 443 ssl http2', `listen 127.0.0.1:${port}`],
    [/^ *listen \[::\]:443 .*$/m, ''],
    [/^ *ssl_\w+ .*$/gm, ''],
    ['/var/log/nginx/access.log', join(directory, 'access.log')],
    [/127\.0\.0\.1:3001/g, first ?? ''],
    [/127\.0\.0\.1:3002/g, second ?? ''],
  ];
  let site = (
    await Promise.all(['clockwork-upstreams.conf', 'clockwork.conf'].map((name) => readFile(join(FILES, name), 'utf8')))
  ).join('\n');
  for (const [from, to] of replaced) {
    const changed = site.replace(from, to);
    if (changed === site) throw new Error(`deploy/nginx has no ${String(from)}`);
    site = changed;
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(directory, kind)};`,
  );
  await mkdir(join(directory, 'conf.d'));
  await writeFile(join(directory, 'conf.d/clockwork.conf'), site);
  await writeFile(
    join(directory, 'nginx.conf'),
    [
      // Else its workers could not enter the directory.
      ...(process.getuid?.() === 0 ? ['user root root;'] : []),
      `daemon off; pid ${join(directory, 'pid')}; error_log stderr;`,
      'events { worker_connections 256; }',
      `http { ${temporary.join(' ')} include ${join(directory, 'conf.d/*.conf')}; }`,
    ].join('\n'),
  );
  const nginx = watchProcess('nginx', ['-e', 'stderr', '-c', join(directory, 'nginx.conf')], {});
  try {
    await eventually(() => answers(port));
  } catch {
    nginx.child.kill('SIGTERM');
    throw new Error(`nginx does not start: ${nginx.stderr()}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      nginx.child.kill('SIGTERM');
      await nginx.ended;
      await rm(directory, { recursive: true });
    },
  };
}

/** A server that takes each request and closes the connection, with one and the same answer or with none. */
export interface ClosingServer {
  url: string;
  /** The request lines that it was sent. */
  requests: string[];
  stop(): Promise<void>;
}

export async function startClosingServer(answer = ''): Promise<ClosingServer> {
  const requests: string[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes: Buffer) => {
      requests.push(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
      if (answer === '') socket.destroy();
      else socket.end(answer);
    });
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, requests, stop: () => closed(server) };
}

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
