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

const OURS = /"([\w-]+)(?:~(-?[0-9a-z]+))?(?:\.([\w-]+))?"/g;

/** The tags of ours in `If-None-Match`; a weak one counts as a strong one (section 13.1.2). `*` is told as such. */
export function readTags(header: string | undefined): EntityTag[] | '*' {
  if (header === undefined) return [];
  if (header.trim() === '*') return '*';
  const tags = [...header.matchAll(OURS)].map(([, version = '', instant, content]) => ({
    version,
    instant: instant === undefined ? null : new Date(Number.parseInt(instant, 36)),
    content: content ?? null,
  }));
  return tags.filter(({ instant }) => instant === null || !Number.isNaN(instant.getTime()));
}
