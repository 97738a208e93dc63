import { createRequire } from 'node:module';
import type { Document, MongoClientOptions } from 'mongodb';
import { commandFailures, commandSeconds } from '#libs/metrics';
import { isTracing, traceQuestion, type WorkSpan } from '#libs/tracing';

/** What the driver's types leave out of its class for a connection. */
interface DriverConnection {
  command(namespace: { db: string }, command: Document, options?: unknown, responseType?: unknown): Promise<unknown>;
}

const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as {
  Connection: new (...args: never[]) => DriverConnection;
};

/**
 * Takes the time of every command. The driver's own monitoring of commands makes an object of every answer for it, which costs
 * more than a long list's own way; here an answer is not looked at.
 */
class TimedConnection extends Connection {
  override async command(
    namespace: { db: string },
    command: Document,
    options?: unknown,
    responseType?: unknown,
  ): Promise<unknown> {
    const name = nameOf(command);
    const span = isTracing() && name !== AWAITING ? spanOf(name, namespace.db, command) : undefined;
    const begun = performance.now();
    let failed = true;
    try {
      const answer = await super.command(namespace, command, options, responseType);
      failed = false;
      return answer;
    } finally {
      commandSeconds.observe({ command: name }, (performance.now() - begun) / 1000);
      if (failed) commandFailures.inc({ command: name });
      span?.end(failed);
    }
  }
}

/** A change stream's question, which the server answers when something changes or a time is over. */
const AWAITING = 'getMore (awaiting)';

/** The first field of a command is its name. */
function nameOf(command: Document): string {
  const [name = ''] = Object.keys(command);
  return name === 'getMore' && command['maxTimeMS'] !== undefined ? AWAITING : name;
}

/** The driver takes such a class, though its types do not say so. */
export const TIMED_COMMANDS = { connectionType: TimedConnection } as MongoClientOptions;

/** Names alone: what a command asks for holds other people's. */
function spanOf(name: string, database: string, command: Document): WorkSpan | undefined {
  const collection: unknown = name === 'getMore' ? command['collection'] : command[name];
  const target = typeof collection === 'string' ? collection : null;
  return traceQuestion(target === null ? name : `${name} ${target}`, {
    'db.system.name': 'mongodb',
    'db.namespace': database,
    'db.operation.name': name,
    ...(target === null ? {} : { 'db.collection.name': target }),
  });
}
