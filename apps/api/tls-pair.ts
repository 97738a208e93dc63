import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createSecureContext, type SecureContextOptions, Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import { ConfigurationError, type TlsFiles } from '#libs/common';

/** Renewed certificates are valid long before the old ones end; reading two small files costs nothing. */
const LOOK_EVERY_MS = 5_000;
const READ_BY_OTHERS = 0o004;
const MISMATCH = 'the key is not that of the certificate';

interface Pair {
  cert: Buffer;
  key: Buffer;
}

/** The certificate and key of TLS_CERT and TLS_KEY, as they are on disk now. */
export class TlsPair {
  private timer: NodeJS.Timeout | undefined;
  /** What is on disk and was refused, so that it is told once. */
  private refused: Pair | null = null;

  private constructor(
    private readonly files: TlsFiles,
    private readonly logger: Logger,
    private pair: Pair,
  ) {}

  /** @throws ConfigurationError where the two files are no certificate and its key */
  static async read(files: TlsFiles, logger: Logger): Promise<TlsPair> {
    try {
      const pair = await readPair(files);
      check(pair);
      await warnOfReadableKey(files, logger);
      warnOfEnd(files, pair, logger);
      return new TlsPair(files, logger, pair);
    } catch (error) {
      throw new ConfigurationError([
        `TLS_CERT and TLS_KEY (${files.certFile}, ${files.keyFile}) take PEM files of a certificate and its own private key, without a passphrase: ${reasonOf(error)}.`,
      ]);
    }
  }

  get options(): SecureContextOptions {
    return optionsOf(this.pair);
  }

  /**
   * Has new connections use what the files hold once they have changed; those that are open stay. The contents are compared, not
   * the times: that holds for links that are turned to other files, too.
   */
  follow(server: Server): void {
    this.timer = setTimeout(() => {
      void this.look(server).finally(() => {
        if (this.timer !== undefined) this.follow(server);
      });
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async look(server: Server): Promise<void> {
    const { files, logger } = this;
    let pair: Pair = NOTHING;
    try {
      pair = await readPair(files);
      if (isSame(pair, this.pair)) {
        this.refused = null;
        return;
      }
      if (this.refused !== null && isSame(pair, this.refused)) return;
      check(pair);
      if (server instanceof TlsServer) server.setSecureContext(optionsOf(pair));
      this.pair = pair;
      this.refused = null;
      logger.info({ certFile: files.certFile }, 'the new TLS certificate is in use');
      await warnOfReadableKey(files, logger);
      warnOfEnd(files, pair, logger);
    } catch (error) {
      // While one file is new and the other is not yet, this is told as well; the next look finds both.
      if (this.refused !== null && isSame(pair, this.refused)) return;
      this.refused = pair;
      logger.error(
        { certFile: files.certFile, keyFile: files.keyFile, reason: reasonOf(error) },
        'the new TLS certificate cannot be used, the old one stays in use: TLS_CERT and TLS_KEY must hold a certificate and its key',
      );
    }
  }
}

/** What is read of files that cannot be. */
const NOTHING: Pair = { cert: Buffer.alloc(0), key: Buffer.alloc(0) };

async function readPair({ certFile, keyFile }: TlsFiles): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}

function isSame(one: Pair, other: Pair): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

function optionsOf({ cert, key }: Pair): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2' };
}

/** @throws where it is no pair that belongs together */
function check(pair: Pair): void {
  createSecureContext(optionsOf(pair));
  // OpenSSL takes a key of another type along with the certificate, and then no client gets through.
  if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) throw new Error(MISMATCH);
}

async function warnOfReadableKey({ keyFile }: TlsFiles, logger: Logger): Promise<void> {
  const { mode } = await stat(keyFile);
  if ((mode & READ_BY_OTHERS) === 0) return;
  logger.warn(
    { keyFile },
    'every user of this machine can read the private key of TLS_KEY: chmod o-r it, and use a new one',
  );
}

function warnOfEnd({ certFile }: TlsFiles, { cert }: Pair, logger: Logger): void {
  const { validTo, validToDate } = new X509Certificate(cert);
  if (validToDate.getTime() > Date.now()) return;
  logger.warn(
    { certFile, validTo },
    'the certificate of TLS_CERT has expired: clients refuse it; it is read again when the file changes',
  );
}

/** OpenSSL's reason, such as "key values mismatch"; nothing of the files' contents is in it. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
