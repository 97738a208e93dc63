import type { CollectionInfo, Db, Document } from 'mongodb';
import { COUNTERS, LEASES, MAINTENANCE, MIGRATIONS, VERSIONS } from '../bare-collections.js';
import { STAGED } from './collection-swap.js';

/**
 * What belongs to a running database and not to its data: versions go on counting, so that a tag of before a restore is
 * never one of after it; leases and what processes say of themselves are of processes.
 */
const NOT_KEPT = new Set([VERSIONS, LEASES, MAINTENANCE, 'processes']);

/** Those that every start fills, whoever uses the database; built-in GPUs likewise. */
const HOUSEKEEPING = new Set([COUNTERS, MIGRATIONS, 'settings', 'clusters']);

/** The collections that a backup has: all, so that none that is added later is forgotten, but those that are no data. */
export async function keptCollections(store: Db): Promise<CollectionInfo[]> {
  const found = await store.listCollections<CollectionInfo>({ type: 'collection' }).toArray();
  return found
    .filter(({ name }) => !NOT_KEPT.has(name) && !name.startsWith(STAGED) && !name.startsWith('system.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names of collections with anything in them that somebody has put there. */
export async function collectionsWithData(store: Db): Promise<string[]> {
  const filled: string[] = [];
  for (const { name } of await keptCollections(store)) {
    if (HOUSEKEEPING.has(name)) continue;
    const own: Document = name === 'gpu' ? { built_in: { $ne: true } } : {};
    if ((await store.collection(name).findOne(own, { projection: { _id: 1 } })) !== null) filled.push(name);
  }
  return filled;
}
