import { spawn, type ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';

import { moveLongLogAside } from '../bounded-log.js';
import type { DataDirectory } from '../data-directory.js';
import { hasCode } from '../caught-error.js';
import type { RuntimeDirectory } from '../runtime-directory.js';
import { mongodArguments } from './mongod-arguments.js';

/** A clean stop takes about a second; more only for a large checkpoint on a slow disk. */
export const STOP_TIMEOUT_MS = 20_000;

const MAX_LOG_BYTES = 16 * 1024 ** 2;
const LOG_CHECK_MS = 60_000;

/** https://www.mongodb.com/docs/manual/reference/exit-codes/ */
const EXIT_OTHER_VERSION = 62;

/** One run of mongod. */
export class MongodProcess {
  /** How it ended, for people; never rejects. */
  readonly ended: Promise<string>;
  /** The size of mongod's log before this run: what follows is about it. */
  readonly logOffset: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, logOffset: number, data: DataDirectory) {
    this.#child = child;
    this.logOffset = logOffset;
    const logCheck = setInterval(() => void this.#boundLog(data), LOG_CHECK_MS);
    this.ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(describeEnd(code, signal));
      });
      child.once('error', (error) => {
        if (child.pid === undefined) resolve(error.message);
      });
    }).finally(() => {
      clearInterval(logCheck);
    });
  }

  static async start(binary: string, data: DataDirectory, runtime: RuntimeDirectory): Promise<MongodProcess> {
    await moveLongLogAside(data.mongodLog, MAX_LOG_BYTES);
    const logOffset = await sizeOf(data.mongodLog);
    const child = spawn(binary, mongodArguments(data, runtime), {
      // By its working directory the next keeper knows a mongod that this one leaves behind.
      cwd: data.db,
      // What mongod says before it opens its log goes to the keeper's.
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return new MongodProcess(child, logOffset, data);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Clean, with a checkpoint; by force when that takes too long, which the journal makes as safe and the next start slower. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    // One that was suspended hears of it only when it runs.
    this.#child.kill('SIGCONT');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(force);
  }

  async #boundLog(data: DataDirectory): Promise<void> {
    try {
      // With --logRotate reopen, SIGUSR1 makes mongod begin a new file.
      if (await moveLongLogAside(data.mongodLog, MAX_LOG_BYTES)) this.#child.kill('SIGUSR1');
    } catch (error) {
      console.error('mongod.log could not be moved aside:', error);
    }
  }
}

export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `signal ${signal}`;
  if (code !== EXIT_OTHER_VERSION) return `exit code ${String(code)}`;
  return (
    'a MongoDB of another version wrote this data, and this one cannot read it; set MONGOD to a server of that version ' +
    `(exit code ${code})`
  );
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
