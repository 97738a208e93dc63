import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { messageOf } from '../caught-error.js';
import type { DataDirectory } from '../data-directory.js';
import { encodeMessage, LineFraming, parseClientMessage, type KeeperMessage } from '../keeper-protocol.js';
import { recordRuntimeDirectory, type RuntimeDirectory } from '../runtime-directory.js';
import { errorsInLog } from './mongod-log.js';
import { MongodProcess } from './mongod-process.js';
import { endOrphanedMongod } from './orphaned-mongod.js';
import { makeWritablePrimary } from './replica-set.js';

export interface KeeperOptions {
  data: DataDirectory;
  runtime: RuntimeDirectory;
  /** A binary that was seen to run. */
  mongodPath: string;
  log: (message: string) => void;
}

/** The process that started this keeper connects within milliseconds, or was killed. */
const FIRST_LEASE_MS = 15_000;
/** Told to end while processes still need the database: they, told the same by the same system, are finishing. */
const DRAIN_MS = 10_000;
/** The last holder was killed: whoever watches over it starts it again, and need not wait for an end and a start of mongod. */
const KILLED_HOLDER_MS = 10_000;
/** A mongod that never started on this directory will not at the third time either. */
const MAX_FIRST_STARTS = 3;
const MAX_RESTART_DELAY_MS = 5_000;

/** Two tries at once; then, where mongod ends before it takes writes, ever slower. One that was killed is back soon. */
export function restartDelayMs(failedStarts: number): number {
  return failedStarts < 3 ? 0 : Math.min(100 * 2 ** (failedStarts - 3), MAX_RESTART_DELAY_MS);
}

/** Runs mongod for as long as any process holds a lease, and a new one at once when it dies. Needs the keeper's lock. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #server: Server;
  readonly #leases = new Set<Socket>();
  /** Connections that wait to hear that mongod has ended. */
  readonly #lastHolders = new Set<Socket>();
  readonly #stop = new AbortController();
  #killedHolderTimer: NodeJS.Timeout | undefined;
  #ready = false;
  #failure: string | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  /** Resolves when the last lease is gone and mongod has ended, or mongod cannot be started. */
  async run(): Promise<void> {
    const { data, runtime } = this.#options;
    // Whatever lies there is of a killed keeper: this one has the lock.
    await rm(runtime.keeperSocket, { force: true });
    await recordRuntimeDirectory(data, runtime);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(runtime.keeperSocket, resolve);
    });
    const firstLease = setTimeout(() => {
      if (this.#leases.size === 0) this.#beginStop('nobody came for the database');
    }, FIRST_LEASE_MS);

    await this.#superviseMongod();

    clearTimeout(firstLease);
    clearTimeout(this.#killedHolderTimer);
    this.#closeDoor();
    for (const socket of this.#lastHolders) this.#send(socket, { type: 'stopped' });
    const failure = this.#failure;
    if (failure !== undefined)
      for (const socket of this.#leases) this.#send(socket, { type: 'failed', message: failure });
    await Promise.race([this.#flushed(), sleep(1_000)]);
  }

  /** For SIGTERM: ends once nobody needs the database any more, or after a while anyway. */
  drain(): void {
    if (this.#leases.size === 0) {
      this.#beginStop('told to end');
      return;
    }
    setTimeout(() => {
      this.#beginStop('told to end');
    }, DRAIN_MS);
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  async #superviseMongod(): Promise<void> {
    let everReady = false;
    let failedStarts = 0;
    while (!this.#isStopping()) {
      const run = await this.#runMongod();
      everReady ||= run.wasReady;
      if (this.#isStopping()) return;
      this.#options.log(`mongod ended (${run.end})`);
      failedStarts = run.wasReady ? 0 : failedStarts + 1;
      if (!everReady && failedStarts >= MAX_FIRST_STARTS) {
        this.#failure = run.end;
        return;
      }
      await sleep(restartDelayMs(failedStarts), undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** One run of mongod from its start to its end, however that comes. */
  async #runMongod(): Promise<{ wasReady: boolean; end: string }> {
    const { data, runtime, mongodPath, log } = this.#options;
    let wasReady = false;
    const startedAt = Date.now();
    try {
      // Each time, since a mongod that a keeper left as it began to start writes its pid a moment later.
      await endOrphanedMongod(data, log);
      const mongod = await MongodProcess.start(mongodPath, data, runtime);
      log(`started ${mongodPath} as ${String(mongod.pid)}`);
      const over = new AbortController();
      const stopping = onceAborted(this.#stop.signal);
      const problem = await Promise.race([
        makeWritablePrimary(runtime.mongodSocket, over.signal).then(() => undefined, messageOf),
        mongod.ended.then(() => undefined),
        stopping,
      ]);
      over.abort();
      if (problem === undefined && !this.#isStopping() && mongod.running) {
        wasReady = true;
        this.#announceReady();
        log(`mongod takes writes after ${Date.now() - startedAt} ms`);
        await Promise.race([mongod.ended, stopping]);
        this.#ready = false;
      }
      if (mongod.running) await mongod.stop();
      const errors = [problem ?? '', await errorsInLog(data.mongodLog, mongod.logOffset)].filter(Boolean);
      const end = [await mongod.ended, ...errors].join(': ');
      return { wasReady, end };
    } catch (error) {
      return { wasReady, end: messageOf(error) };
    }
  }

  #announceReady(): void {
    this.#ready = true;
    for (const socket of this.#leases) this.#send(socket, { type: 'ready' });
  }

  #serve(socket: Socket): void {
    const framing = new LineFraming();
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      try {
        for (const line of framing.push(chunk)) this.#hear(socket, line);
      } catch (error) {
        this.#options.log(`closing a connection: ${messageOf(error)}`);
        socket.destroy();
      }
    });
    // A reset is a killed process; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#lastHolders.delete(socket);
      // Without a word: its holder was killed.
      if (this.#leases.delete(socket)) this.#stopUnlessHeldSoon();
    });
  }

  #hear(socket: Socket, line: string): void {
    const message = parseClientMessage(line);
    switch (message.type) {
      case 'hold':
        this.#leases.add(socket);
        if (this.#ready) this.#send(socket, { type: 'ready' });
        break;
      case 'release':
        this.#leases.delete(socket);
        if (this.#leases.size > 0 && !this.#isStopping()) {
          this.#send(socket, { type: 'kept' });
        } else {
          this.#lastHolders.add(socket);
          this.#stopUnlessHeld();
        }
        break;
    }
  }

  #stopUnlessHeldSoon(): void {
    clearTimeout(this.#killedHolderTimer);
    this.#killedHolderTimer = setTimeout(() => {
      this.#stopUnlessHeld();
    }, KILLED_HOLDER_MS);
  }

  #stopUnlessHeld(): void {
    if (this.#leases.size === 0) this.#beginStop('nobody holds the database any more');
  }

  #beginStop(why: string): void {
    if (this.#isStopping()) return;
    this.#options.log(`ending: ${why}`);
    // First of all, so that whoever comes now finds no keeper and starts the next, which waits for this one's lock.
    this.#closeDoor();
    this.#stop.abort();
  }

  /** Closing a listening Unix socket removes its file. */
  #closeDoor(): void {
    if (this.#server.listening) this.#server.close();
  }

  #send(socket: Socket, message: KeeperMessage): void {
    if (!socket.destroyed) socket.write(encodeMessage(message));
  }

  async #flushed(): Promise<void> {
    const sockets = [...this.#lastHolders, ...this.#leases].filter((socket) => !socket.destroyed);
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', resolve);
            socket.end(resolve);
          }),
      ),
    );
  }
}

function onceAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}
