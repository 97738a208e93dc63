import { connect, type Socket } from 'node:net';

import { hasCode } from './caught-error.js';

/** What connecting to a socket gives that nobody listens on: not there, left behind, or its listener just ended. */
const NOBODY_LISTENS = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** @returns undefined when nobody listens there; other failures, such as a directory that may not be entered, throw */
export function connectToSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      if (hasCode(error, ...NOBODY_LISTENS)) resolve(undefined);
      else reject(error);
    });
  });
}

export async function someoneListens(path: string): Promise<boolean> {
  const socket = await connectToSocket(path);
  socket?.on('error', () => undefined);
  socket?.destroy();
  return socket !== undefined;
}
