import type { Document, Filter } from 'mongodb';
import { hashOf, uniqueVersion } from './entity-tag.js';
import type { Listing } from './listing.js';
import type { PageCursor } from './page-cursor.js';
import type { Representation } from './representation.js';

/** Raised when the same data comes out as other text: tags of before are void then. */
const FORMAT = 1;

/** What a request for a list comes to, before anything is read. */
export interface AskedList {
  listing: Listing;
  representation: Representation;
  /** Of the whole list, a time that passes included. */
  filter: Filter<Document>;
  /** The instant that the time is reckoned from. */
  instant: Date | null;
  /** Null: the whole list. */
  page: AskedPage | null;
}

export interface AskedPage {
  /** Which list its cursors are for. */
  list: string;
  /** Where the page before ended; null for the first. */
  before: PageCursor | null;
  limit: number;
}

/**
 * The part of a tag that stands for all that a body depends on, but for a time that passes.
 * @param version of the data; null where it has none
 */
export function tagVersion({ listing, representation, page }: AskedList, version: string | null): string {
  if (version === null) return uniqueVersion();
  const { data, filter, since, projection } = listing;
  const { limit, before } = page ?? {};
  return hashOf({ FORMAT, data, version, filter, since: since?.path, projection, representation, limit, before });
}
