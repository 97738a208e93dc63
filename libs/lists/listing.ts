import type { ClientSession, Collection, Document, Filter, ObjectId } from 'mongodb';
import type { VersionedData } from '#libs/database';
import type { ListOrder } from './keyset.js';
import type { PageCursor } from './page-cursor.js';
import type { PageParameters } from './page-parameters.js';

/** A list that was asked for: what its feature knows of it. */
export interface Listing {
  /** Whose version tells whether the list has changed. */
  data: VersionedData;
  collection: Collection;
  filter: Filter<Document>;
  /** A further condition, on a time that passes: at this path, `instant` or later. */
  since?: { path: string; instant: Date };
  /** An index's, whose first keys the filter may fix; no two documents have the same position in it. */
  order: ListOrder;
  projection: Document;
  /** Documents to fetch first; a list of no more has its tag from what is in it. */
  batchSize: number;
  /** The id of the key that asks: a key may have so many long lists under way. */
  keyId?: string;
  paging?: Paging;
}

export interface Paging {
  asked: PageParameters;
  /** The request's filters in one form, however they were written: a cursor holds for these alone. */
  filters: unknown;
  moves?: Moves;
}

/**
 * How documents move in a list's order: to the front alone, each move with a number of its own, and the number of the
 * last one is changed together with the documents.
 */
export interface Moves {
  /** The number of the last move in a snapshot; 0 where there was none. */
  last(session: ClientSession | null): Promise<number>;
  /**
   * The documents that pass a filter and have moved past the end of a page since, in the order of their moves: the pages
   * behind no longer find them.
   */
  past(
    filter: Filter<Document>,
    page: PageCursor,
    most: number,
    session: ClientSession | null,
  ): Promise<{ id: ObjectId; move: number }[]>;
}
