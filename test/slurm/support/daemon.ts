import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { PROCESS_ENVIRONMENT } from './slurm-commands.ts';

const POLL_MS = 25;
const PATIENCE_MS = 30_000;

export interface DaemonPlan {
  name: string;
  /** "/", or where it is run by chroot. */
  root: string;
  /** Root unless said. */
  user?: string;
  command: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Everything that it ever starts ends with it, and it sees no other process. */
  withItsChildren?: boolean;
  log: string;
}

/**
 * A daemon in the foreground. It is killed by the kernel when this process ends, in whatever way. It sees a /proc that
 * nobody needs to unmount, as it is mounted in a namespace of its own where this machine's is not seen.
 */
export class Daemon {
  readonly #plan: DaemonPlan;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(plan: DaemonPlan, child: ChildProcess) {
    this.#plan = plan;
    this.#child = child;
    this.#ended = once(child, 'close');
  }

  /** @param ready asked until it says so, or the daemon has ended, or half a minute has passed */
  static async start(plan: DaemonPlan, ready: () => Promise<boolean>): Promise<Daemon> {
    const log = openSync(plan.log, 'a');
    const [program = '', ...args] = commandLine(plan);
    const child = spawn(program, args, { stdio: ['ignore', log, log], cwd: '/', env: PROCESS_ENVIRONMENT });
    closeSync(log);
    const daemon = new Daemon(plan, child);
    daemon.#ended.catch(() => undefined);
    try {
      await daemon.#until(ready);
      return daemon;
    } catch (error) {
      await daemon.kill();
      throw error;
    }
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to end; kills it when it has not after a while. */
  async stop(patienceMs = 10_000): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** @throws with the end of its log when it has ended */
  async mustRun(): Promise<void> {
    if (!this.running) throw new Error(`${this.#plan.name} ended\n${await this.#said()}`);
  }

  async #until(ready: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await ready())) {
      await this.mustRun();
      if (performance.now() > deadline) {
        throw new Error(`${this.#plan.name} was not ready in ${PATIENCE_MS / 1000} s\n${await this.#said()}`);
      }
      await sleep(POLL_MS);
    }
  }

  async #said(): Promise<string> {
    return (await readFile(this.#plan.log, 'utf8')).slice(-3_000);
  }
}

function commandLine({ root, user, command, environment = {}, withItsChildren = false }: DaemonPlan): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const asUser = user === undefined ? [] : [`--userspec=${user}:`];
  // Changing the user makes the kernel forget whose end it is to die with, so that comes last.
  const dieWithParent = ['setpriv', '--pdeathsig', 'KILL'];
  const inside = [
    'chroot',
    ...asUser,
    root,
    ...(withItsChildren ? [] : dieWithParent),
    'env',
    ...variables,
    ...command,
  ];
  if (root === '/' && !withItsChildren) return inside;
  const namespaces = withItsChildren ? ['--pid', '--fork', '--kill-child'] : [];
  const mounting = ['sh', '-c', 'mount -t proc proc "$0" && exec "$@"', root === '/' ? '/proc' : `${root}/proc`];
  return [...(withItsChildren ? dieWithParent : []), 'unshare', '--mount', ...namespaces, ...mounting, ...inside];
}
