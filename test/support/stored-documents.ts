import { type Db, MongoClient } from 'mongodb';

/** Collections that belong to a running database and not to its data. */
const NOT_DATA = new Set(['versions', 'leases', 'maintenance', 'processes']);

export async function onDatabase<T>(uri: string | undefined, work: (database: Db) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri ?? '');
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

/** Every document of every collection as its bytes in hexadecimal, and the collections' indexes. */
export function everythingIn(
  uri: string | undefined,
): Promise<Map<string, { documents: string[]; indexes: unknown[] }>> {
  return onDatabase(uri, async (database) => {
    const found = await database.listCollections({ type: 'collection' }).toArray();
    const names = found.map(({ name }) => name).filter((name) => !NOT_DATA.has(name));
    const contents = await Promise.all(
      names.sort().map(async (name) => {
        const documents = await database
          .collection(name)
          .find<Buffer>({}, { raw: true, sort: { _id: 1 } })
          .toArray();
        const indexes = await database.collection(name).indexes();
        return [name, { documents: documents.map((bytes) => Buffer.from(bytes).toString('hex')), indexes }] as const;
      }),
    );
    return new Map(contents);
  });
}
