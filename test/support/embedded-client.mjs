/**
 * A process that holds a lease on an embedded database, as the API and the command line do, driven over its IPC channel:
 * `node embedded-client.mjs DATA_DIR`. It runs what is built, since the keeper it starts does.
 */
import { MongoClient } from 'mongodb';

import { acquireEmbeddedDatabase } from '../../dist/libs/database/embedded/index.js';

const [dataDir] = process.argv.slice(2);
const startedAt = Date.now();
const tell = (message) => new Promise((resolve) => process.send?.(message, resolve) ?? resolve());

let lease;
try {
  lease = await acquireEmbeddedDatabase({
    dataDir,
    mongodPath: process.env.MONGOD,
    report: (message) => console.error(message),
  });
} catch (error) {
  await tell({ type: 'refused', name: error.name, message: error.message });
  process.exit(1);
}
await tell({ type: 'holding', uri: lease.uri, afterMs: Date.now() - startedAt });

const client = new MongoClient(lease.uri, { serverSelectionTimeoutMS: 10_000, heartbeatFrequencyMS: 1_000 });
const collection = client.db('test').collection('acknowledged');

const commands = {
  async write(number) {
    await collection.insertOne({ number }, { writeConcern: { w: 'majority', j: true } });
  },
  async count() {
    return collection.countDocuments();
  },
  async release() {
    await client.close();
    await lease.release();
  },
};

process.on('message', ({ id, command, argument }) => {
  commands[command](argument).then(
    (result) => tell({ type: 'done', id, result }).then(() => command === 'release' && process.exit(0)),
    (error) => tell({ type: 'error', id, message: error.message }),
  );
});

process.on('SIGTERM', () => {
  void commands.release().then(() => process.exit(0));
});
