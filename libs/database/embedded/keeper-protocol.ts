/**
 * What a process and the keeper say to each other: one JSON object a line over the keeper's socket. The connection is
 * the lease: the kernel closes it whatever way the process ends.
 */
export type ClientMessage =
  /** From now on this connection needs the database. */
  | { type: 'hold' }
  /** It no longer does; answered with `kept` or `stopped`. */
  | { type: 'release' };

export type KeeperMessage =
  /** mongod takes writes. */
  | { type: 'ready' }
  /** mongod cannot be started; the message says why, for people. */
  | { type: 'failed'; message: string }
  /** Others still hold the database. */
  | { type: 'kept' }
  /** That was the last lease: mongod has ended, and the keeper ends now. */
  | { type: 'stopped' };

/** Far above any message; what is longer is not from a keeper or its client. */
const MAX_LINE_LENGTH = 64 * 1024;

export function encodeMessage(message: ClientMessage | KeeperMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts a stream of text into lines, and refuses to gather an endless one. */
export class LineFraming {
  #pending = '';

  /** @returns the lines that this chunk completes, without their ends */
  push(chunk: string): string[] {
    const lines = (this.#pending + chunk).split('\n');
    this.#pending = lines.pop() ?? '';
    if ([...lines, this.#pending].some((line) => line.length > MAX_LINE_LENGTH)) {
      throw new Error(`a line of more than ${MAX_LINE_LENGTH} characters on the keeper's socket`);
    }
    return lines;
  }
}

export function parseClientMessage(line: string): ClientMessage {
  const message = parseTyped(line);
  if (message['type'] === 'hold' || message['type'] === 'release') return { type: message['type'] };
  throw new Error(`not a message to the keeper: ${line.slice(0, 100)}`);
}

export function parseKeeperMessage(line: string): KeeperMessage {
  const message = parseTyped(line);
  switch (message['type']) {
    case 'ready':
    case 'kept':
    case 'stopped':
      return { type: message['type'] };
    case 'failed':
      return { type: 'failed', message: String(message['message']) };
    default:
      throw new Error(`not a message of the keeper: ${line.slice(0, 100)}`);
  }
}

function parseTyped(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${line.slice(0, 100)}`);
  return value as Record<string, unknown>;
}
