import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../../support/clockwork-service.js';
import { leewayOf } from './leeway.ts';
import { freePort } from '../../support/free-port.js';

/** As systemd does by itself. */
const RESTART_AFTER_MS = 100;
const PATIENCE_MS = 60_000;
const MOST_LINES = 20;

/** The built API at one address, started again whenever it ends, as a service manager does. */
export class SupervisedApi {
  private child: ChildProcess | null = null;
  private isStopped = false;
  /** How many times what is promised all may take here. */
  leeway = 1;

  private constructor(
    readonly url: string,
    readonly environment: NodeJS.ProcessEnv,
    private readonly logFile: string,
  ) {}

  static async start(scratch: string, variables: NodeJS.ProcessEnv): Promise<SupervisedApi> {
    const port = await freePort();
    const environment = {
      ...withoutOurs(process.env),
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      ...variables,
    };
    const api = new SupervisedApi(`http://127.0.0.1:${port}`, environment, join(scratch, `api-${port}.log`));
    const started = performance.now();
    api.run();
    await api.answers();
    api.leeway = leewayOf(performance.now() - started);
    return api;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the API does not run');
    return this.child.pid;
  }

  /** What it has logged of errors that nobody foresaw, and what it said for people. */
  get errors(): string[] {
    const lines = readFileSync(this.logFile, 'utf8').split('\n');
    return lines.filter((line) => line !== '' && !/"level":"(warn|info)"/.test(line)).slice(-MOST_LINES);
  }

  /** Ends it and starts it no more. @returns its exit code, or the signal that ended it, and the time that it took */
  async stop(withinMs = PATIENCE_MS): Promise<{ end: number | string | null; ms: number }> {
    this.isStopped = true;
    const { child } = this;
    const asked = performance.now();
    if (child?.exitCode !== null || child.signalCode !== null) return { end: null, ms: 0 };
    const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.kill('SIGTERM');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(force);
    return { end: code ?? signal, ms: performance.now() - asked };
  }

  private run(): void {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, [API], { env: this.environment, stdio: ['ignore', 'ignore', log] });
    closeSync(log);
    this.child = child;
    child.once('exit', () => {
      setTimeout(() => {
        if (!this.isStopped) this.run();
      }, RESTART_AFTER_MS);
    });
  }

  private async answers(): Promise<void> {
    const patienceEnds = performance.now() + PATIENCE_MS;
    while (
      !(await fetch(`${this.url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (performance.now() > patienceEnds) throw new Error(`the API does not start: ${this.errors.join('\n')}`);
      await sleep(50);
    }
  }
}

/** What jest and the shell have set for others is not this API's. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(CLOCKWORK_|MONGODB_URI$|HOST$|LOG_|NODE_OPTIONS$|JEST_)/.test(name),
    ),
  );
}
