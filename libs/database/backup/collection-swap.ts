import type { Db, Document, ObjectId } from 'mongodb';
import type { Connection } from 'mongoose';
import { LEASES, MAINTENANCE } from '../bare-collections.js';
import type { DataVersions } from '../data-versions.js';
import { withMaintenanceLease } from '../maintenance/maintenance-lease.js';

/** Collections whose names begin so are being restored, and nobody's data yet. */
export const STAGED = 'restoring.';

/** What is left to be done of a restore once all of it is staged. It may be done twice. */
export interface Swap {
  _id: 'swap';
  /** Each takes the place of the one without the prefix. */
  restored: string[];
  /** Collections that the backup does not have. */
  dropped: string[];
  log?: MergedLog;
}

/** Entries are only ever added to it: what is there stays, what the backup alone has comes to it, and one entry more. */
export interface MergedLog {
  collection: string;
  entry: Document & { _id: ObjectId };
}

const PATIENCE_MS = 60_000;

/** Finishes a restore that was cut off while it put the collections in their places. One read where there is none. */
export async function finishSwap(
  connection: Connection,
  versions: DataVersions,
  report: (message: string) => void,
): Promise<void> {
  if ((await swapIn(connection)) === null) return;
  const terms = { doing: 'finishing a restore', patienceMs: PATIENCE_MS, report };
  await withMaintenanceLease(connection, terms, async () => {
    const swap = await swapIn(connection);
    if (swap === null) return;
    report('Finishing a restore that was cut off');
    await carryOutSwap(connection, versions, swap);
  });
}

/** From here on a restore can only be finished: whoever starts next does that, if this process dies. */
export async function beginSwap(connection: Connection, versions: DataVersions, swap: Swap): Promise<void> {
  await swapsOf(connection).insertOne(swap);
  await carryOutSwap(connection, versions, swap);
}

async function carryOutSwap(
  connection: Connection,
  versions: DataVersions,
  { restored, dropped, log }: Swap,
): Promise<void> {
  const store = databaseOf(connection);
  // First, so that nothing is changed without the entry that tells of it.
  if (log !== undefined) await mergeLog(store, log);
  const write = async (): Promise<void> => {
    const present = new Set(await namesIn(store));
    for (const name of restored) {
      if (present.has(STAGED + name)) await store.renameCollection(STAGED + name, name, { dropTarget: true });
    }
    for (const name of dropped) if (present.has(name)) await store.dropCollection(name);
    // What collectors remember of their last readings is not what is on file: who has lost its lease remembers nothing.
    await store.collection(LEASES).deleteMany({});
    await swapsOf(connection).deleteOne({ _id: 'swap' });
  };
  await versions.change('jobs', () => versions.change('nodes', () => versions.change('gpu', write)));
}

async function mergeLog(store: Db, { collection, entry }: MergedLog): Promise<void> {
  const staged = STAGED + collection;
  const present = await namesIn(store);
  if (present.includes(staged) && !present.includes(collection)) {
    await store.renameCollection(staged, collection);
  } else if (present.includes(staged)) {
    const merge = { into: collection, whenMatched: 'keepExisting', whenNotMatched: 'insert' };
    await store
      .collection(staged)
      .aggregate([{ $merge: merge }])
      .toArray();
    await store.dropCollection(staged);
  }
  const { _id, ...fields } = entry;
  await store.collection(collection).updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
}

function swapIn(connection: Connection): Promise<Swap | null> {
  return swapsOf(connection).findOne({ _id: 'swap' });
}

function swapsOf(connection: Connection) {
  return databaseOf(connection).collection<Swap>(MAINTENANCE);
}

export async function namesIn(store: Db): Promise<string[]> {
  const found = await store.listCollections({}, { nameOnly: true }).toArray();
  return found.map(({ name }) => name);
}

export function databaseOf({ db }: Connection): Db {
  if (db === undefined) throw new Error('the connection is closed');
  return db;
}
