import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { watchProcess } from './process-output.js';
import { freePort } from './free-port.js';

/** Whether there is an nginx on the PATH. */
export function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** nginx in front of several servers, set up as docs/operating.md says: it asks nobody whether they are ready. */
export async function startNginx(upstreams: readonly string[]): Promise<{ url: string; close: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'clockwork-nginx-'));
  const port = await freePort();
  await writeFile(join(directory, 'nginx.conf'), configuration(directory, port, upstreams));
  const nginx = watchProcess('nginx', ['-p', directory, '-e', 'stderr', '-c', join(directory, 'nginx.conf')], {});
  await eventually(async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.on('error', () => {
        reject(new Error(`nginx does not answer: ${nginx.stderr()}`));
      });
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      nginx.child.kill('SIGTERM');
      await nginx.ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configuration(directory: string, port: number, upstreams: readonly string[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${directory}/${name};`,
  );
  return `
daemon off;
pid ${directory}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 512; }
http {
  access_log off;
${temporary.join('\n')}
  upstream clockwork {
${upstreams.map((url) => `    server ${new URL(url).host} max_fails=1 fail_timeout=1s;`).join('\n')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://clockwork;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}
