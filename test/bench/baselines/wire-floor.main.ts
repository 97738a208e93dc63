/** Baseline (c): the floor. mongod's answers to `find` and `getMore`, read off its socket and thrown away. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Document, Long } from 'mongodb';
import { BATCH, COLLECTION, databaseUri, ORDER, PUBLIC_PARTS } from './jobs-query.ts';
import { commandMessage, cursorId, messageLength } from './op-msg.ts';
import { readOnDemand } from './repeated-reading.ts';

/** https://www.mongodb.com/docs/manual/reference/limits/: the longest message that a server sends. */
const LONGEST_MESSAGE = 48_000_000;

/** The socket of mongod, and the database, of a connection string of the embedded kind. */
function target(uri: string): { path: string; database: string } {
  const [, path, database] = /^mongodb:\/\/([^/]+)\/([^?]+)/.exec(uri) ?? [];
  if (path === undefined || database === undefined) throw new Error('MONGODB_URI names no socket and database');
  return { path: decodeURIComponent(path), database };
}

/** Takes one answer after another into the same memory. */
class Answers {
  private readonly message = Buffer.allocUnsafe(LONGEST_MESSAGE);
  private size = 0;
  private waiting: PromiseWithResolvers<Buffer> | null = null;
  readonly socket: Socket;

  constructor(path: string) {
    this.socket = connect({
      path,
      onread: {
        buffer: Buffer.allocUnsafe(1024 * 1024),
        callback: (size, buffer) => this.take(buffer.subarray(0, size)),
      },
    });
    this.socket.on('close', () => this.waiting?.reject(new Error('mongod closed the connection')));
    this.socket.on('error', (error) => this.waiting?.reject(error));
  }

  to(message: Buffer): Promise<Buffer> {
    this.size = 0;
    this.waiting = Promise.withResolvers<Buffer>();
    this.socket.write(message);
    return this.waiting.promise;
  }

  private take(data: Uint8Array): boolean {
    this.message.set(data, this.size);
    this.size += data.length;
    const whole = this.message.subarray(0, this.size);
    if (messageLength(whole) === this.size) this.waiting?.resolve(whole);
    return true;
  }
}

const { path, database } = target(databaseUri());
const answers = new Answers(path);
await once(answers.socket, 'connect');
let requests = 0;

async function ask(command: Document): Promise<{ cursor: bigint; bytes: number }> {
  const message = await answers.to(commandMessage((requests += 1), { ...command, batchSize: BATCH, $db: database }));
  return { cursor: cursorId(message), bytes: message.length };
}

readOnDemand(async () => {
  let answer = await ask({ find: COLLECTION, filter: {}, projection: PUBLIC_PARTS, sort: ORDER });
  let bytes = answer.bytes;
  while (answer.cursor !== 0n) {
    answer = await ask({ getMore: Long.fromBigInt(answer.cursor), collection: COLLECTION });
    bytes += answer.bytes;
  }
  return bytes;
});
