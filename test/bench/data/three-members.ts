import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { freePort } from '../../support/free-port.ts';
import { follow, stop } from '../processes/child-process.ts';

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
    const members = hosts.map((host, _id) => ({ _id, host }));
    await client.db('admin').command({ replSetInitiate: { _id: NAME, members } });
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const status = await client.db('admin').command({ replSetGetStatus: 1 });
      const states = (status['members'] as { stateStr: string }[]).map(({ stateStr }) => stateStr);
      if (states.toSorted().join() === 'PRIMARY,SECONDARY,SECONDARY') return;
      if (performance.now() > deadline) throw new Error(`the members of the set are ${states.join()}`);
      await pause(200);
    }
  } finally {
    await client.close();
  }
}
