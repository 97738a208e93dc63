import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { findMongod } from './binary/mongod-binary.js';
import { messageOf } from './caught-error.js';
import { openDataDirectory, type DataDirectory } from './data-directory.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';
import { embeddedUri } from './embedded-uri.js';
import { KeeperConnection } from './keeper-connection.js';
import { startKeeper, type StartedKeeper } from './keeper-process.js';
import { openRuntimeDirectory } from './runtime-directory.js';

export interface EmbeddedDatabaseOptions {
  /** CLOCKWORK_DATA_DIR, absolute or relative. */
  dataDir: string;
  /** MONGOD: the server binary to use, and no other. */
  mongodPath: string | undefined;
  /** Whether it is started where it does not run (default: yes); else only a database that runs is joined. */
  mayStart?: boolean;
  /** Talk for people: what is searched, fetched, started. */
  report: (message: string) => void;
}

export interface EmbeddedDatabaseLease {
  /** mongodb://URL-ENCODED-SOCKET/?directConnection=true */
  uri: string;
  /**
   * Resolves when this process no longer holds the database and, if it was the last that did, mongod and its keeper have
   * ended. Safe to call twice.
   */
  release(): Promise<void>;
}

const ACQUIRE_TIMEOUT_MS = 60_000;
const JOIN_TIMEOUT_MS = 2_000;
const CONNECT_POLL_MS = 15;
const MAX_KEEPER_STARTS = 3;
const RELEASE_TIMEOUT_MS = 40_000;
const REACQUIRE_PAUSE_MS = 1_000;

/**
 * Takes a lease on the database in a data directory, starting it when no other process has. Resolves when it takes writes.
 * While the lease is held, a lost keeper is replaced in the background, at the same address.
 *
 * @throws MongodUnavailableError when there is no server binary; EmbeddedDatabaseError, naming the logs, when it does not start within 60 s
 */
export async function acquireEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabaseLease> {
  if (options.mayStart === false && !existsSync(options.dataDir)) throw new EmbeddedDatabaseError(notRunning(options));
  const data = await openDataDirectory(options.dataDir);
  return new KeptLease(options, data, await acquire(options, data));
}

interface Held {
  uri: string;
  connection: KeeperConnection;
}

async function acquire(options: EmbeddedDatabaseOptions, data: DataDirectory): Promise<Held> {
  const { mongodPath, report, mayStart = true } = options;
  const patienceMs = mayStart ? ACQUIRE_TIMEOUT_MS : JOIN_TIMEOUT_MS;
  let binary: string | undefined;
  let keeper: StartedKeeper | undefined;
  let keeperStarts = 0;
  let deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    // Anew each time: another process may just have recorded where its keeper's sockets are.
    const runtime = await openRuntimeDirectory(data);
    const connection = await KeeperConnection.open(runtime.keeperSocket);
    if (connection !== undefined) {
      const outcome = await connection.whenReady(deadline - Date.now());
      if (outcome === 'ready') {
        connection.unref();
        return { uri: embeddedUri(runtime.mongodSocket), connection };
      }
      connection.close();
      if (typeof outcome === 'object') throw new EmbeddedDatabaseError(doesNotStart(data, outcome.failed));
      // Closed: that keeper was just ending, or was killed.
      continue;
    }
    if (!mayStart) throw new EmbeddedDatabaseError(notRunning(options));
    if (keeper === undefined || keeper.ended !== undefined) {
      if (keeperStarts === MAX_KEEPER_STARTS) {
        throw new EmbeddedDatabaseError(
          doesNotStart(data, `its keeper ended (${String(keeper?.ended)}) ${MAX_KEEPER_STARTS} times`),
        );
      }
      if (binary === undefined) {
        binary = await findMongod(mongodPath, report);
        // The search may have fetched for minutes, bounded by itself.
        deadline = Date.now() + ACQUIRE_TIMEOUT_MS;
      }
      report(`starting the database in ${data.root} (${binary})`);
      keeper = await startKeeper(data, runtime, binary);
      keeperStarts += 1;
    }
    await sleep(CONNECT_POLL_MS);
  }
  throw new EmbeddedDatabaseError(doesNotStart(data, `not ready within ${patienceMs / 1_000} s`));
}

function notRunning({ dataDir }: EmbeddedDatabaseOptions): string {
  return `no process runs the embedded database in ${dataDir}: start the API, or set CLOCKWORK_DATA_DIR or MONGODB_URI to the database that it uses.`;
}

function doesNotStart(data: DataDirectory, reason: string): string {
  return (
    `the embedded database in ${data.root} does not start: ${reason}. ` +
    `See ${data.mongodLog} and ${data.keeperLog}; ` +
    'set CLOCKWORK_DATA_DIR to another directory, or MONGODB_URI to a database that runs.'
  );
}

class KeptLease implements EmbeddedDatabaseLease {
  readonly uri: string;
  readonly #options: EmbeddedDatabaseOptions;
  readonly #data: DataDirectory;
  #connection: KeeperConnection | undefined;
  #reacquiring: Promise<void> | undefined;
  #releasing: Promise<void> | undefined;

  constructor(options: EmbeddedDatabaseOptions, data: DataDirectory, held: Held) {
    this.uri = held.uri;
    this.#options = options;
    this.#data = data;
    this.#hold(held.connection);
  }

  release(): Promise<void> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async #release(): Promise<void> {
    // A killed keeper left its mongod behind; the one that is being started in its place ends it.
    await this.#reacquiring;
    const connection = this.#connection;
    if (connection === undefined) return;
    const outcome = await connection.release(RELEASE_TIMEOUT_MS);
    if (outcome === 'timeout') {
      throw new EmbeddedDatabaseError(`the embedded database did not end in time. See ${this.#data.keeperLog}`);
    }
    if (outcome === 'closed') {
      // The keeper was killed before it could answer.
      const held = await acquire(this.#options, this.#data);
      await held.connection.release(RELEASE_TIMEOUT_MS);
    }
  }

  #hold(connection: KeeperConnection): void {
    this.#connection = connection;
    void connection.closed.then(() => {
      if (this.#releasing !== undefined) return;
      this.#connection = undefined;
      this.#reacquiring = this.#reacquire().finally(() => {
        this.#reacquiring = undefined;
      });
    });
  }

  async #reacquire(): Promise<void> {
    this.#options.report('the keeper of the database ended unexpectedly; starting another');
    // Until it succeeds or nobody wants it any more; a call of release() changes that while this waits.
    for (;;) {
      try {
        const held = await acquire(this.#options, this.#data);
        this.#hold(held.connection);
        if (held.uri !== this.uri) this.#options.report(`the database moved to ${held.uri}: start this process again`);
        return;
      } catch (error) {
        this.#options.report(messageOf(error));
      }
      if (this.#releasing !== undefined) return;
      await sleep(REACQUIRE_PAUSE_MS, undefined, { ref: false });
    }
  }
}
