import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { follow, stop } from '../processes/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

const NAME = 'bench';
const MEMBERS = ['a', 'b', 'c'];
const PATIENCE_MS = 60_000;

/** A replica set of three members on loopback, as a deployment of its own would have. */
export interface ThreeMembers {
  /** A connection string as MONGODB_URI takes it. */
  uri: (database: string) => string;
  stop: () => Promise<void>;
}

/**
 * @param binary a mongod
 * @param directory where its data goes, for whoever made that to remove
 */
export async function startThreeMembers(binary: string, directory: string): Promise<ThreeMembers> {
  const members = await Promise.all(
    MEMBERS.map(async (name) => {
      const data = join(directory, `member-${name}`);
      await mkdir(data);
      const port = await freePort();
      const options = ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', NAME];
      const log = ['--logpath', join(data, 'mongod.log'), '--nounixsocket', '--wiredTigerCacheSizeGB', '1'];
      return { port, process: follow(spawn(binary, [...options, ...log], { stdio: 'ignore' })) };
    }),
  );
  const hosts = members.map(({ port }) => `127.0.0.1:${port}`);
  await initiate(hosts);
  return {
    uri: (database) => `mongodb://${hosts.join(',')}/${database}?replicaSet=${NAME}`,
    stop: async () => {
      await Promise.all(members.map(({ process: child }) => stop(child)));
    },
  };
}

async function initiate(hosts: readonly string[]): Promise<void> {
  const client = new MongoClient(`mongodb://${hosts[0] ?? ''}/`, { directConnection: true });
  try {
    const admin = client.db('admin');
    const members = hosts.map((host, _id) => ({ _id, host }));
    // Refused until all of them listen.
    await eventually(() => admin.command({ replSetInitiate: { _id: NAME, members } }), PATIENCE_MS);
    await eventually(async () => {
      const status = await admin.command({ replSetGetStatus: 1 });
      const states = (status['members'] as { stateStr: string }[]).map(({ stateStr }) => stateStr);
      if (states.toSorted().join() !== 'PRIMARY,SECONDARY,SECONDARY') {
        throw new Error(`the members of the set are ${states.join()}`);
      }
    }, PATIENCE_MS);
  } finally {
    await client.close();
  }
}
