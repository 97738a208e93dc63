import { LRUCache } from 'lru-cache';
import type { PageCursor } from './page-cursor.js';
import type { Representation } from './representation.js';

/** Bytes kept of all short lists together. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What one takes beside its body, about. */
const OVERHEAD_BYTES = 1024;

/** A list that is sent in one piece, as it is sent. */
export interface ShortList {
  body: Buffer;
  form: Representation;
  /** What its tag says of its body. */
  content: string;
  /** Where the next page begins; null where there is none. */
  next: PageCursor | null;
}

/** Short lists as they were sent, by the version in their tags: pages that are looked at again and again, above all. */
export class ShortLists {
  private readonly kept: LRUCache<string, ShortList>;

  constructor(mostBytes = MOST_BYTES) {
    this.kept = new LRUCache({
      maxSize: mostBytes,
      sizeCalculation: ({ body }) => body.buffer.byteLength + OVERHEAD_BYTES,
    });
  }

  /** @param version of the data and of all that was asked for: equal ones mean equal lists */
  get(version: string): ShortList | undefined {
    return this.kept.get(version);
  }

  keep(version: string, list: ShortList): void {
    // A body that shares its memory with others is copied: it would keep all of that.
    const { buffer, byteOffset, length } = list.body;
    const isAlone = buffer.byteLength === length;
    const alone = () => ({ ...list, body: Buffer.from(buffer.slice(byteOffset, byteOffset + length)) });
    this.kept.set(version, isAlone ? list : alone());
  }
}
