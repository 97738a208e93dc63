/** Baseline (b): the driver's limit. The list's own raw cursor, taken by whole batches and thrown away. */
import { MongoClient } from 'mongodb';
import { BATCH, COLLECTION, databaseUri, ORDER, PUBLIC_PARTS } from './jobs-query.ts';
import { readOnDemand } from './repeated-reading.ts';

const client = await MongoClient.connect(databaseUri());
const jobs = client.db().collection(COLLECTION);

readOnDemand(async () => {
  const cursor = jobs.find<Buffer>({}, { raw: true, projection: PUBLIC_PARTS, batchSize: BATCH }).sort(ORDER);
  let bytes = 0;
  while (await cursor.hasNext()) {
    for (const document of cursor.readBufferedDocuments()) bytes += document.length;
  }
  return bytes;
});
