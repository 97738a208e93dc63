/**
 * A process that holds a lease on an embedded database, as the API and the command line do, driven over its IPC channel:
 * `node embedded-client.mjs DATA_DIR`. It runs what is built, since the keeper it starts does.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { MongoClient } from 'mongodb';

import { acquireEmbeddedDatabase } from '../../dist/libs/database/embedded/index.js';

const DUPLICATE_KEY = 11000;
const GIVE_UP_MS = 10_000;
/** As long as the service waits for a call that met a broken connection: the driver would wait on it for ever. */
const NO_ANSWER_MS = 1_500;
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

async function noAnswer() {
  await sleep(NO_ANSWER_MS, undefined, { ref: false });
  throw new Error('no answer');
}

const commands = {
  /** Until acknowledged, as a caller does who gets a 503; the number as the key makes it safe to send again. */
  async write(number) {
    const deadline = Date.now() + GIVE_UP_MS;
    for (;;) {
      try {
        await Promise.race([
          collection.insertOne({ _id: number, number }, { writeConcern: { w: 'majority', j: true } }),
          noAnswer(),
        ]);
        return;
      } catch (error) {
        if (error.code === DUPLICATE_KEY) return;
        if (Date.now() > deadline) throw error;
        await sleep(10);
      }
    }
  },
  async count() {
    return collection.countDocuments();
  },
  async stored() {
    return collection.distinct('number');
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

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    void commands.release().then(() => process.exit(0));
  });
}
