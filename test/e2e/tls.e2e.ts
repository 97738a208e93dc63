import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, TLSSocket } from 'node:tls';
import { API, newDatabase } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { watchProcess, type WatchedProcess } from '../support/process-output.js';

/** Longer than the service takes to look again. */
const UNTIL_READ_MS = 15_000;

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Node makes keys but no certificates.
const withOpenssl = hasOpenssl() ? describe : describe.skip;

withOpenssl('TLS_CERT and TLS_KEY (certificates made by the command openssl)', () => {
  let directory: string;
  const started: WatchedProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clockwork-tls-'));
    for (const name of ['first', 'second']) makePair(name);
    execFileSync('openssl', ['genrsa', '-out', file('rsa.key'), '2048'], { stdio: 'ignore' });
  });

  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  });

  afterAll(() => rm(directory, { recursive: true }));

  const file = (name: string) => join(directory, name);

  /** A key, NAME.key, and a certificate of its own for NAME.example.org, NAME.pem. */
  function makePair(name: string): void {
    const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
    const subject = ['-subj', `/CN=${name}.example.org`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
    execFileSync('openssl', ['req', ...options, ...subject, ...out], { stdio: 'ignore' });
  }

  /** Puts a pair where the service reads it. */
  async function use(cert: string, key: string): Promise<void> {
    await copyFile(file(`${cert}.pem`), file('in-use.pem'));
    await copyFile(file(`${key}.key`), file('in-use.key'));
    await chmod(file('in-use.key'), 0o600);
  }

  function launch(environment: NodeJS.ProcessEnv = {}): WatchedProcess {
    const tls = { TLS_CERT: file('in-use.pem'), TLS_KEY: file('in-use.key') };
    const others = { ...process.env, MONGODB_URI: newDatabase(), PORT: '0', LOG_FORMAT: 'json' };
    const watched = watchProcess(process.execPath, [API], { env: { ...others, ...tls, ...environment } });
    started.push(watched);
    return watched;
  }

  async function start(environment: NodeJS.ProcessEnv = {}): Promise<{ url: URL; log: () => string }> {
    const watched = launch(environment);
    const [, url = ''] = await watched.printed(/answers at (\S+)/);
    // What the log has of the start is written beside it: this line comes after all of it.
    await get(new URL(url), new Agent({ rejectUnauthorized: false }));
    await eventually(() => {
      expect(watched.stderr()).toContain('"msg":"request"');
      return Promise.resolve();
    });
    return { url: new URL(url), log: () => watched.stderr() };
  }

  /** What a process that must not start says. */
  async function refusal(environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const refused = launch(environment);
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.stdout()).toBe('');
    return refused.stderr();
  }

  function get(url: URL, agent: Agent): Promise<{ status: number; hsts: unknown; cert: string; reused: boolean }> {
    return new Promise((resolve, reject) => {
      const isPlain = url.protocol === 'http:';
      const [send, options] = isPlain ? [httpRequest, {}] : [httpsRequest, { agent }];
      const request = send(new URL('/health/live', url), options, (response) => {
        response.resume();
        const certificate = response.socket instanceof TLSSocket ? response.socket.getPeerCertificate() : null;
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            hsts: response.headers['strict-transport-security'],
            cert: String(certificate?.subject.CN),
            reused: request.reusedSocket,
          });
        });
      });
      request.on('error', reject);
      request.end();
    });
  }

  /** The subject that a new connection is shown. */
  async function shown(url: URL): Promise<string> {
    const agent = new Agent({ rejectUnauthorized: false });
    return (await get(url, agent)).cert;
  }

  test('are what it answers by TLS with, at the address that it prints', async () => {
    await use('first', 'first');
    const { url, log } = await start();
    expect(url.protocol).toBe('https:');
    const answer = await get(url, new Agent({ rejectUnauthorized: false }));
    expect(answer).toMatchObject({ status: 200, cert: 'first.example.org', hsts: 'max-age=31536000' });
    expect(log()).not.toContain('TLS_');
  });

  test('are no way in for TLS 1.1', async () => {
    await use('first', 'first');
    const { url } = await start();
    const attempt = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve) => {
        const options = { host: url.hostname, port: Number(url.port), rejectUnauthorized: false };
        const socket = connect(
          // Otherwise the client itself would refuse the old one.
          { ...options, minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
          () => {
            resolve(String(socket.getProtocol()));
            socket.destroy();
          },
        );
        socket.on('error', (error: NodeJS.ErrnoException) => {
          resolve(String(error.code));
        });
      });
    expect(await attempt('TLSv1.2')).toBe('TLSv1.2');
    expect(await attempt('TLSv1.3')).toBe('TLSv1.3');
    expect(await attempt('TLSv1.1')).toMatch(/ALERT_PROTOCOL_VERSION/);
  });

  test('are read again when they change: new connections get the new one, open ones go on; a broken pair is told and changes nothing', async () => {
    await use('first', 'first');
    const { url, log } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    expect(await get(url, agent)).toMatchObject({ status: 200, reused: false });

    await use('second', 'first');
    await eventually(async () => {
      expect(log()).toContain('the new TLS certificate cannot be used, the old one stays in use');
      return Promise.resolve();
    }, UNTIL_READ_MS);
    expect(await shown(url)).toBe('first.example.org');

    await writeFile(file('in-use.pem'), 'no certificate');
    await use('second', 'second');
    await eventually(async () => {
      expect(await shown(url)).toBe('second.example.org');
    }, UNTIL_READ_MS);
    expect(log()).toContain('the new TLS certificate is in use');
    expect(await get(url, agent)).toMatchObject({ status: 200, reused: true, cert: 'first.example.org' });
    agent.destroy();
  }, 60_000);

  test('are no pair where the key is of another type: at the start, and when they change', async () => {
    await use('first', 'rsa');
    expect(await refusal()).toContain('the key is not that of the certificate');
    await use('first', 'first');
    const { url, log } = await start();
    await use('first', 'rsa');
    await eventually(async () => {
      expect(log()).toContain('the new TLS certificate cannot be used, the old one stays in use');
      return Promise.resolve();
    }, UNTIL_READ_MS);
    expect(await shown(url)).toBe('first.example.org');
  }, 60_000);

  test('end the process at the start where they do not belong together or are none', async () => {
    await use('second', 'first');
    expect(await refusal()).toMatch(
      /^TLS_CERT and TLS_KEY \(.*\) take PEM files of a certificate and its own private key/m,
    );
    await writeFile(file('in-use.pem'), 'nonsense');
    expect(await refusal()).toMatch(/^TLS_CERT and TLS_KEY /m);
    expect(await refusal({ TLS_KEY: '' })).toMatch(/^TLS_CERT is set and TLS_KEY is not/m);
    expect(await refusal({ TLS_CERT: '' })).toMatch(/^TLS_KEY is set and TLS_CERT is not/m);
    expect(await refusal({ TLS_CERT: file('missing.pem') })).toMatch(
      /^TLS_CERT is ".*"; it takes the path of a PEM file/m,
    );
  });

  test('are told of where all of the machine can read the key', async () => {
    await use('first', 'first');
    await chmod(file('in-use.key'), 0o644);
    const { log } = await start();
    expect(log()).toContain('every user of this machine can read the private key of TLS_KEY');
  });

  test('do not keep a connection that never shakes hands', async () => {
    await use('first', 'first');
    const { url } = await start({ CLOCKWORK_HEADERS_TIMEOUT: '1s', CLOCKWORK_IDLE_TIMEOUT: '2s' });
    const socket = connect({ host: url.hostname, port: Number(url.port), rejectUnauthorized: false });
    const from = performance.now();
    await new Promise((resolve) =>
      socket
        .on('error', () => undefined)
        .once('close', resolve)
        .resume(),
    );
    expect(performance.now() - from).toBeLessThan(6_000);
  });

  test.each([
    ['0.0.0.0', {}, true],
    ['0.0.0.0', { TRUST_PROXY: '10.0.0.5' }, false],
    ['127.0.0.1', {}, false],
  ])(
    'HOST=%s with %j, without a certificate: is it warned that keys are in the open? %s',
    async (host, more, warned) => {
      const { log } = await start({ TLS_CERT: '', TLS_KEY: '', HOST: host, ...more });
      expect(log().includes('set TLS_CERT and TLS_KEY, or put a proxy with TLS in front')).toBe(warned);
    },
  );

  test('HOST=0.0.0.0 with a certificate is no matter for a warning', async () => {
    await use('first', 'first');
    const { log } = await start({ HOST: '0.0.0.0' });
    expect(log()).not.toContain('"level":"warn"');
  });
});
