import { setTimeout as sleep } from 'node:timers/promises';

import { MongoClient, MongoServerError, type Db } from 'mongodb';

import { someoneListens } from '../socket-connection.js';
import { embeddedUri } from '../embedded-uri.js';

export const REPLICA_SET_NAME = 'rs0';

const POLL_MS = 10;

interface ReplicaSetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

/**
 * Waits until the mongod on a socket takes writes, and makes it the one member of its replica set: a new directory has no
 * set yet, and one that was moved or copied still names the socket of the place it came from.
 */
export async function makeWritablePrimary(socketPath: string, signal: AbortSignal): Promise<void> {
  while (!(await someoneListens(socketPath))) await sleep(POLL_MS, undefined, { signal });

  const client = new MongoClient(embeddedUri(socketPath), {
    appName: 'clockwork-mongod-keeper',
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    socketTimeoutMS: 30_000,
    maxPoolSize: 1,
  });
  try {
    const admin = client.db('admin');
    let configured = false;
    while (!(await isWritablePrimary(admin))) {
      configured ||= await ensureSingleMember(admin, socketPath);
      await sleep(POLL_MS, undefined, { signal });
    }
    // A primary may still have the members of a set that this directory was copied from.
    if (!configured) await ensureSingleMember(admin, socketPath);
  } finally {
    await client.close();
  }
}

async function isWritablePrimary(admin: Db): Promise<boolean> {
  const hello = await admin.command({ hello: 1 });
  return hello['isWritablePrimary'] === true;
}

/** @returns false when mongod still reads its configuration */
async function ensureSingleMember(admin: Db, host: string): Promise<boolean> {
  const config = await readConfig(admin);
  if (config === 'starting') return false;
  if (config === 'none') {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET_NAME, members: [{ _id: 0, host }] } });
    return true;
  }
  if (config.members.length === 1 && config.members[0]?.host === host) return true;
  // Forced, because no member of the old configuration is there to agree.
  const healed = { ...config, version: config.version + 1, members: [{ _id: 0, host }] };
  await admin.command({ replSetReconfig: healed, force: true });
  return true;
}

async function readConfig(admin: Db): Promise<ReplicaSetConfig | 'none' | 'starting'> {
  try {
    const reply = await admin.command({ replSetGetConfig: 1 });
    return reply['config'] as ReplicaSetConfig;
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.codeName === 'NotYetInitialized') return 'none';
    if (error.codeName === 'NotYetInitializedOrStartingUp' || error.codeName === 'InterruptedDueToReplStateChange') {
      return 'starting';
    }
    throw error;
  }
}
