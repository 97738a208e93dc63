import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { LEAN_NODE_OPTIONS } from '#libs/common';

const PROGRAM = fileURLToPath(new URL('../collector/main.js', import.meta.url));

/** Between an end that nobody asked for and the next start; doubled each time. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** One that has run so long is well: what ends it then is something new. */
const WELL_AFTER_MS = 5 * 60_000;
/** What is being written when the service stops gets this long. */
const MOST_STOPPING_MS = 10_000;

/**
 * The collector beside the API, as a process of its own in the same process group: reading a large cluster takes no time from
 * whoever asks. It is started again when it ends, and ends when this process does, however that comes about: what connects
 * the two breaks.
 */
export class CollectorProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private waitMs = FIRST_WAIT_MS;
  private isStopped = false;

  constructor(private readonly logger: Logger) {}

  start(): void {
    const started = performance.now();
    // stdout is the API's own, for its one line.
    const child = fork(PROGRAM, {
      execArgv: [...process.execArgv, ...LEAN_NODE_OPTIONS],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child = child;
    // Where it cannot be started, `exit` does not come; of one that runs, an error is no end.
    child.on('error', (error) => {
      if (child.pid === undefined) this.startAgain(started, error.message);
    });
    child.once('exit', (code, signal) => {
      this.startAgain(started, signal ?? `exit ${code ?? 0}`);
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const cutOff = setTimeout(() => {
      child.kill('SIGKILL');
    }, MOST_STOPPING_MS);
    await ended;
    clearTimeout(cutOff);
  }

  private startAgain(started: number, how: string): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    if (performance.now() - started > WELL_AFTER_MS) this.waitMs = FIRST_WAIT_MS;
    this.logger.error({ how, againInMs: this.waitMs }, 'the collector has ended; it is started again');
    this.timer = setTimeout(() => {
      this.start();
    }, this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }
}
