import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { findMongod } from '../../libs/database/embedded/binary/mongod-binary.js';
import { embeddedUri } from '../../libs/database/embedded/embedded-uri.js';
import { eventually } from './eventually.js';

export interface LoneMongod {
  /** A connection string for a database on it. */
  uri: string;
  stop(): Promise<void>;
}

/** A server without replication, so without snapshots and transactions. @param directory whose path fits into a socket's */
export async function startLoneMongod(directory: string): Promise<LoneMongod> {
  const data = join(directory, 'lone');
  await mkdir(data);
  const socket = join(directory, 'lone.sock');
  const binary = await findMongod(process.env['MONGOD'], () => undefined);
  const options = ['--bind_ip', socket, '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'];
  const child = spawn(binary, ['--dbpath', data, ...options], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const uri = embeddedUri(socket);
  await eventually(async () => {
    const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 500 });
    await client.close();
  }, 30_000);
  return {
    uri: uri.replace('/?', '/clockwork?'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
