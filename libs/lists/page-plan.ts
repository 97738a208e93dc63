import type { ClientSession, Document, Filter, ObjectId } from 'mongodb';
import type { AskedList, AskedPage } from './asked-list.js';
import { behind, keyProjection, positionOf } from './keyset.js';
import type { Listing, Moves } from './listing.js';
import type { PageCursor } from './page-cursor.js';

/** What a page consists of. */
export interface PagePlan {
  /** Documents that have moved past the end of the pages before, and would be missed. */
  moved: readonly ObjectId[];
  /** How many more there are, from where the page before ended. */
  rest: number;
  /** Where the next page begins; null where this is the last. */
  next: PageCursor | null;
}

/**
 * Works out a page from the keys of its ends: where it ends has to be told before it is read.
 * @param session whose snapshot the page is read from too
 */
export async function planPage(
  { listing: { collection, order, paging }, filter, instant }: AskedList,
  { before, limit }: AskedPage,
  session: ClientSession | null,
): Promise<PagePlan> {
  const options = session === null ? {} : { session };
  const move = (await paging?.moves?.last(session)) ?? 0;
  const past = await movedPast(paging?.moves, filter, before, limit + 1, move, session);
  const moved = past.slice(0, limit).map(({ id }) => id);
  const lastTaken = past[limit - 1];
  if (before !== null && lastTaken !== undefined && past.length > limit) {
    return { moved, rest: 0, next: { ...before, move: lastTaken.move } };
  }
  const rest = limit - moved.length;
  const ends = await collection
    .find(filterOfRest(filter, order, before), { ...options, projection: keyProjection(order), promoteLongs: false })
    .sort(order)
    .skip(Math.max(rest - 1, 0))
    .limit(2)
    .toArray();
  if (before !== null && rest === 0) return { moved, rest, next: ends.length > 0 ? { ...before, move } : null };
  const [last, beyond] = ends;
  const hasMore = last !== undefined && beyond !== undefined;
  return { moved, rest, next: hasMore ? { position: positionOf(order, last), instant, move } : null };
}

/** The documents of a list from where a page ended. */
export function filterOfRest(
  filter: Filter<Document>,
  order: Listing['order'],
  before: PageCursor | null,
): Filter<Document> {
  return before === null ? filter : { $and: [filter, behind(order, before.position)] };
}

async function movedPast(
  moves: Moves | undefined,
  filter: Filter<Document>,
  before: PageCursor | null,
  most: number,
  last: number,
  session: ClientSession | null,
): Promise<{ id: ObjectId; move: number }[]> {
  if (moves === undefined || before === null || before.move === last) return [];
  return moves.past(filter, before, most, session);
}
