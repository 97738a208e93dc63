import { execFile, fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const CLIENT = resolve('test/support/embedded-client.mjs');

interface Refusal {
  name: string;
  message: string;
}

type Told =
  | { type: 'holding'; uri: string; afterMs: number }
  | ({ type: 'refused' } & Refusal)
  | { type: 'done'; id: number; result: unknown }
  | { type: 'error'; id: number; message: string };

/** A process of its own that holds, or failed to get, a lease on the database in a directory. */
export class EmbeddedClient {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #started = Promise.withResolvers<{ uri: string; afterMs: number } | Refusal>();
  #nextId = 0;
  #talk = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((done) =>
      child.once('exit', () => {
        done();
        this.#started.reject(new Error(`the client ended early: ${this.#talk}`));
        for (const answer of this.#answers.values()) answer.reject(new Error('the client ended'));
      }),
    );
    this.#started.promise.catch(() => undefined);
    child.stderr?.on('data', (chunk: Buffer) => (this.#talk += chunk.toString()));
    child.on('message', (message) => {
      this.#hear(message as Told);
    });
  }

  /** Starts a process; what comes of it is asked for with holding() or refusal(). */
  static launch(dataDir: string, environment: NodeJS.ProcessEnv = {}): EmbeddedClient {
    const env = { ...process.env, ...environment };
    return new EmbeddedClient(fork(CLIENT, [dataDir], { env, execArgv: [], detached: true, silent: true }));
  }

  static async start(dataDir: string, environment?: NodeJS.ProcessEnv): Promise<EmbeddedClient> {
    const client = EmbeddedClient.launch(dataDir, environment);
    await client.holding();
    return client;
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  async holding(): Promise<{ uri: string; afterMs: number }> {
    const started = await this.#started.promise;
    if ('uri' in started) return started;
    throw new Error(started.message);
  }

  async refusal(): Promise<Refusal> {
    const started = await this.#started.promise;
    if ('uri' in started) throw new Error('the client got the database');
    return started;
  }

  /** Inserts with majority and journal; resolves when acknowledged. */
  async write(number: number): Promise<void> {
    await this.#call('write', number);
  }

  async count(): Promise<unknown> {
    return this.#call('count');
  }

  /** The numbers written so far. */
  async stored(): Promise<unknown> {
    return this.#call('stored');
  }

  /** Gives the lease back; the process ends afterwards. @returns how long the release took, in milliseconds */
  async release(): Promise<number> {
    const startedAt = Date.now();
    await this.#call('release');
    const took = Date.now() - startedAt;
    await this.exited;
    return took;
  }

  /** For what a test leaves running. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Signals the whole process group, as a terminal and a service manager do. */
  async end(signal: NodeJS.Signals): Promise<void> {
    process.kill(-this.pid, signal);
    await this.exited;
  }

  #call(command: string, argument?: unknown): Promise<unknown> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#child.send({ id, command, argument });
    return answer.promise;
  }

  #hear(told: Told): void {
    switch (told.type) {
      case 'holding':
      case 'refused':
        this.#started.resolve(told);
        break;
      case 'done':
        this.#answers.get(told.id)?.resolve(told.result);
        break;
      case 'error':
        this.#answers.get(told.id)?.reject(new Error(told.message));
        break;
    }
  }
}

/** The keepers and mongods that run on a data directory, or on those below a directory. */
export async function serversOn(dataDir: string): Promise<{ keepers: number[]; mongods: number[] }> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,stat=,command='], { maxBuffer: 2 ** 24 });
  const found = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, state, command]) => ({ pid: Number(pid), state: String(state), command: String(command) }))
    .filter(({ state, command }) => !state.startsWith('Z') && command.includes(dataDir));
  return {
    keepers: found.filter(({ command }) => command.includes('apps/mongod-keeper/')).map(({ pid }) => pid),
    mongods: found.filter(({ command }) => command.includes(` --dbpath ${dataDir}/`)).map(({ pid }) => pid),
  };
}

export async function mongodOn(dataDir: string): Promise<number> {
  const [pid] = (await serversOn(dataDir)).mongods;
  if (pid === undefined) throw new Error(`no mongod runs on ${dataDir}`);
  return pid;
}

export async function keeperOn(dataDir: string): Promise<number> {
  const [pid] = (await serversOn(dataDir)).keepers;
  if (pid === undefined) throw new Error(`no keeper runs on ${dataDir}`);
  return pid;
}

/** Resolves when neither keeper nor mongod is left; for what ends without anyone who waits for it. */
export async function nothingRunsOn(dataDir: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const { keepers, mongods } = await serversOn(dataDir);
    if (keepers.length + mongods.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still there: keepers ${keepers.join()}, mongods ${mongods.join()}`);
    await sleep(50);
  }
}

/** The Internet sockets that a process listens on, from /proc (Linux). */
export async function listeningPorts(pid: number): Promise<string[]> {
  const { stdout } = await promisify(execFile)('find', [`/proc/${pid}/fd`, '-lname', 'socket:*', '-printf', '%l\n']);
  const inodes = new Set([...stdout.matchAll(/socket:\[(\d+)\]/g)].map(([, inode]) => inode));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const LISTEN = '0A';
  return tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && inodes.has(fields[9]))
    .map((fields) => String(fields[1]));
}
