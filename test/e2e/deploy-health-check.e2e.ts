import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../support/clockwork-service.js';
import { isInstalled } from '../support/programs.js';

let directory: string;
let command: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-health-'));
  const dockerfile = await readFile(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const [, check = '[]'] = /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  command = JSON.parse(check) as string[];
  expect(command[0]).toBe('node');
});

afterAll(() => rm(directory, { recursive: true }));

/** The exit of the image's health check, with these settings in the environment and these in `.env`. */
async function healthCheck(environment: NodeJS.ProcessEnv, dotEnv = ''): Promise<number | null> {
  await writeFile(join(directory, '.env'), dotEnv);
  const { PATH } = process.env;
  return spawnSync(process.execPath, command.slice(1), { cwd: directory, env: { PATH, ...environment } }).status;
}

describe("the image's health check", () => {
  it('asks an API that speaks plain HTTP, and says when none is there', async () => {
    const service = await startService();
    const { port } = new URL(service.url);
    try {
      expect(await healthCheck({ PORT: port })).toBe(0);
      expect(await healthCheck({ PORT: port, TLS_CERT: '' })).toBe(0);
    } finally {
      await service.stop();
    }
    expect(await healthCheck({ PORT: port })).toBe(1);
  });

  // Node makes keys but no certificates.
  (isInstalled('openssl', 'version') ? it : it.skip)(
    'asks by TLS where the environment or .env has a certificate, whatever name that is for',
    async () => {
      const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
      const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=clockwork.example.org -keyout ${key} -out ${cert}`;
      execFileSync('openssl', made.split(' '), { stdio: 'ignore' });
      const service = await startService({ TLS_CERT: cert, TLS_KEY: key });
      const { port, protocol } = new URL(service.url);
      expect(protocol).toBe('https:');
      try {
        expect(await healthCheck({ PORT: port, TLS_CERT: cert })).toBe(0);
        expect(await healthCheck({ PORT: port }, `TLS_CERT=${cert}\nTLS_KEY=${key}\n`)).toBe(0);
        expect(await healthCheck({ PORT: port })).toBe(1);
      } finally {
        await service.stop();
      }
    },
  );
});
