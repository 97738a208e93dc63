import { createHash, randomBytes } from 'node:crypto';
import { BSON, type Document } from 'mongodb';

/** Bytes of a hash that go into a tag: nobody gains by making two lists agree, and by chance none do. */
const HASH_BYTES = 16;

/** What a list's tag says (RFC 9110, section 8.8.3): two lists with a part in common have the same body. */
export interface EntityTag {
  /** Of the version of the data and of all that was asked for; one that nobody else gets while something is written. */
  version: string;
  /** The instant from which a filter on a time that passes reckoned. */
  instant: Date | null;
  /** Of the body, where it is short. */
  content: string | null;
}

export function hashOf(content: Document): string {
  return createHash('sha256').update(BSON.serialize(content)).digest().subarray(0, HASH_BYTES).toString('base64url');
}

/** For a list of which nothing is known: no other has the same. */
export function uniqueVersion(): string {
  return randomBytes(HASH_BYTES).toString('base64url');
}

export function tagText({ version, instant, content }: EntityTag): string {
  const since = instant === null ? '' : `~${instant.getTime().toString(36)}`;
  return `"${version}${since}${content === null ? '' : `.${content}`}"`;
}

/** The next one of a list of tags, after what separates it from the one before (RFC 9110, sections 5.6.1 and 8.8.3). */
const NEXT_TAG = /[\t ,]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?=,|$)/y;
const OURS = /^([\w-]+)(?:~(-?[0-9a-z]+))?(?:\.([\w-]+))?$/;

/**
 * The tags of ours in `If-None-Match`; a weak one counts as a strong one (section 13.1.2). `*` is told as such. A header
 * that is no list of tags says nothing.
 */
export function readTags(header: string | undefined): EntityTag[] | '*' {
  if (header === undefined) return [];
  if (header.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  let end = 0;
  for (;;) {
    NEXT_TAG.lastIndex = end;
    const [found, text] = NEXT_TAG.exec(header) ?? [];
    if (found === undefined || text === undefined) break;
    end += found.length;
    const tag = readTag(text);
    if (tag !== null) tags.push(tag);
  }
  return /^[\t ,]*$/.test(header.slice(end)) ? tags : [];
}

function readTag(text: string): EntityTag | null {
  const [, version, instant, content = null] = OURS.exec(text) ?? [];
  if (version === undefined) return null;
  if (instant === undefined) return { version, instant: null, content };
  const date = new Date(Number.parseInt(instant, 36));
  return Number.isNaN(date.getTime()) ? null : { version, instant: date, content };
}
