import { open } from 'node:fs/promises';

import { commandEnvironment } from './command-environment.js';
import { complaint } from './complaint.js';
import { runProcess } from './process-run.js';
import { SourceError } from './slurm-source.js';
import type { SlurmrestdSource, SourceLimits } from './source-configuration.js';

const LIMITS: SourceLimits = { timeLimitMs: 30_000, outputLimitBytes: 65_536 };

/** Before it ends, a token is given up: a question may take as long. A short-lived one is used for nine tenths of its time. */
const SPARE_SECONDS = 60;

/** Where a JWT comes from. It is never part of a message. */
export interface TokenSource {
  /** @throws SourceError of kind `unauthorized` where there is none */
  token(signal: AbortSignal): Promise<string>;
  /** It was refused: the next is not to be the one that is remembered. */
  forget(): void;
}

export function tokenSource(configuration: NonNullable<SlurmrestdSource['token']>): TokenSource {
  return 'file' in configuration ? new TokenFile(configuration.file) : new TokenCommand(configuration.command);
}

/** Read again whenever the file is another or has changed: whoever renews it need not tell. */
class TokenFile implements TokenSource {
  readonly #path: string;
  #read: { identity: string; token: string } | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async token(): Promise<string> {
    try {
      const file = await open(this.#path);
      try {
        const { ino, dev, mtimeNs, size } = await file.stat({ bigint: true });
        const identity = [dev, ino, mtimeNs, size].join();
        if (this.#read?.identity === identity) return this.#read.token;
        const buffer = Buffer.alloc(LIMITS.outputLimitBytes);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
        const token = tokenIn(buffer.toString('utf8', 0, bytesRead), `The token file ${this.#path}`);
        this.#read = { identity, token };
        return token;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof SourceError) throw error;
      const message = `The token file ${this.#path} cannot be read: ${(error as Error).message}. \`scontrol token\` prints a token for it.`;
      throw new SourceError('unauthorized', message, { cause: error });
    }
  }

  forget(): void {
    this.#read = null;
  }
}

/** Run again shortly before the token's own end, or when it was refused. */
class TokenCommand implements TokenSource {
  readonly #argv: readonly string[];
  #known: { token: string; until: number } | null = null;
  #running: Promise<{ token: string; until: number }> | null = null;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  async token(signal: AbortSignal): Promise<string> {
    if (this.#known !== null && this.#known.until > Date.now()) return this.#known.token;
    // Whoever comes meanwhile waits for the same.
    this.#running ??= this.#run(signal).finally(() => (this.#running = null));
    this.#known = await this.#running;
    return this.#known.token;
  }

  forget(): void {
    this.#known = null;
  }

  async #run(signal: AbortSignal): Promise<{ token: string; until: number }> {
    const chunks: Uint8Array[] = [];
    const end = await runProcess({
      argv: this.#argv,
      environment: commandEnvironment(),
      limits: LIMITS,
      signal,
      consume: (chunk) => void chunks.push(chunk),
    });
    if (end.cause === 'aborted') throw end.error;
    const command = `The token command \`${this.#argv[0] ?? ''}\``;
    if (end.cause !== 'itself' || end.code !== 0) {
      const how = end.cause === 'itself' ? `status ${String(end.code)}` : `its ${end.cause}`;
      const said = complaint(end.cause === 'start' ? (end.error as Error).message : end.stderr);
      throw new SourceError(
        'unauthorized',
        `${command} gave no token but ended by ${how}: ${said || 'it said nothing'}.`,
      );
    }
    const token = tokenIn(Buffer.concat(chunks).toString('utf8'), command);
    return { token, until: usableUntil(token) };
  }
}

/** @param text the token, or `SLURM_JWT=` and the token, as `scontrol token` prints it */
function tokenIn(text: string, from: string): string {
  const token = text.trim().replace(/^SLURM_JWT=/, '');
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const what = token === '' ? 'nothing' : 'something else: several words, or letters that no token has';
  throw new SourceError('unauthorized', `${from} should hold a JSON Web Token and nothing else, but has ${what}.`);
}

/** Milliseconds since 1970, by the token's own `exp`; a token that does not tell is used until it is refused. */
function usableUntil(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? Number(claims.exp) : NaN;
    if (!Number.isFinite(exp)) return Infinity;
    const left = exp * 1_000 - Date.now();
    return Date.now() + left - Math.min(SPARE_SECONDS * 1_000, left / 10);
  } catch {
    return Infinity;
  }
}
