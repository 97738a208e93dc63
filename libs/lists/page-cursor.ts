import { createHmac, timingSafeEqual } from 'node:crypto';
import { BSON } from 'mongodb';
import { badRequest } from '#libs/common';
import type { Position } from './keyset.js';

/** Where a page ended, and what the next one has to know of it. */
export interface PageCursor {
  /** The last document's. */
  position: Position;
  /** The instant that the first page's filter reckoned from. */
  instant: Date | null;
  /** The last move of documents to the front that the pages so far have taken in. */
  move: number;
}

interface Sealed extends PageCursor {
  /** Which list the page is of: its route and filters. */
  list: string;
}

const SEAL_BYTES = 16;

const REFUSED =
  'after: is not a cursor of this list. Take it from the "next" link of the page before, with the same filters, or leave it out to begin anew.';

/**
 * A cursor as text that nobody else can make: BSON behind its keyed hash. It hides nothing: what is in it, whoever has
 * it was shown. It is as long as the names in it, and a request line bounds what can come back.
 * @param list which list it is for; it is opened for no other
 */
export function sealCursor(secret: Buffer, list: string, cursor: PageCursor): string {
  const content = BSON.serialize({ list, ...cursor });
  return Buffer.concat([seal(secret, content), content]).toString('base64url');
}

/** @throws Problem 400 for one that was damaged, made elsewhere, or made for another list */
export function openCursor(secret: Buffer, list: string, text: string): PageCursor {
  const bytes = Buffer.from(text, 'base64url');
  // Node passes over what is no base64url, and the last character may hold bits of no byte.
  if (bytes.length <= SEAL_BYTES || bytes.toString('base64url') !== text) throw badRequest(REFUSED);
  const content = bytes.subarray(SEAL_BYTES);
  if (!timingSafeEqual(bytes.subarray(0, SEAL_BYTES), seal(secret, content))) throw badRequest(REFUSED);
  const sealed = BSON.deserialize(content, { promoteLongs: false }) as Sealed;
  if (sealed.list !== list) throw badRequest(REFUSED);
  return { position: sealed.position, instant: sealed.instant, move: sealed.move };
}

function seal(secret: Buffer, content: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(content).digest().subarray(0, SEAL_BYTES);
}
