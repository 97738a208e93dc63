import { pipeline, type Readable } from 'node:stream';
import { Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nextLink, QueueLengths } from '#libs/common';
import { DatabaseCalls, DataVersions, type RawBatch, Sessions } from '#libs/database';
import { OutputBuffers } from '#libs/json';
import { LongLists } from '#libs/limits';
import { listAnswers, type ListOrigin } from '#libs/metrics';
import { type AskedList, type AskedPage, tagVersion } from './asked-list.js';
import { CursorSecret } from './cursor-secret.js';
import { compressed, compressor } from './encoding.js';
import { type EntityTag, hashOf, readTags, tagText } from './entity-tag.js';
import { ListCache } from './list-cache.js';
import { ListReading } from './list-reading.js';
import { ListStream } from './list-stream.js';
import { ListText } from './list-text.js';
import type { Listing } from './listing.js';
import { openCursor, type PageCursor, sealCursor } from './page-cursor.js';
import { DEFAULT_PAGE } from './page-parameters.js';
import { DECIDING_HEADERS, type Representation, representationFor } from './representation.js';
import { type ShortList, ShortLists } from './short-lists.js';

/** What is handed to the socket at a time. */
const PIECE_BYTES = 64 * 1024;
/** Buffers for pieces that wait for the next list. */
const MOST_IDLE_BUFFERS = 32;
/** A list that the first answer of the database holds whole, and no larger than this, is sent in one piece. */
const MOST_BYTES_WHOLE = 1024 * 1024;
/** Below it, compressing costs more than it saves. */
const LEAST_BYTES_COMPRESSED = 1024;
/** What caches have to know of every form of a list (RFC 9110, section 15.4.5: of a 304 too). */
const FOR_CACHES = { Vary: DECIDING_HEADERS, 'Cache-Control': 'private, no-cache' };

/** What a list's answer is sent from; none where the client has it already. */
export type ListBody = Readable | Buffer | undefined;

/** Answers with lists: in whole or page by page, as the client takes them, or with 304 where it has them already. */
@Injectable()
export class ListsService {
  private readonly cache = new ListCache();
  private readonly shortLists = new ShortLists();
  /** Those that hold something on the server. */
  private readonly readings = new Set<ListReading>();
  private readonly buffers = new OutputBuffers(PIECE_BYTES + PIECE_BYTES / 2, MOST_IDLE_BUFFERS);

  constructor(
    private readonly sessions: Sessions,
    private readonly versions: DataVersions,
    private readonly calls: DatabaseCalls,
    private readonly secret: CursorSecret,
    queues: QueueLengths,
    @Optional() private readonly longLists?: LongLists,
  ) {
    queues.add('open_lists', () => this.readings.size);
  }

  /**
   * Sets the headers of an answer.
   * @returns its body
   * @throws Problem 400 for a cursor that is not of this list
   */
  async answer(request: FastifyRequest, reply: FastifyReply, listing: Listing): Promise<ListBody> {
    const asked = await this.asked(request, listing);
    const reading = new ListReading(asked, this.sessions, this.versions, this.calls, this.readings);
    try {
      const body = await this.answerFrom(reading, asked, request, reply);
      listAnswers.inc({ list: listing.data, from: originOf(reading, reply) });
      return body;
    } catch (error) {
      await reading.end();
      throw error;
    }
  }

  private async asked(request: FastifyRequest, listing: Listing): Promise<AskedList> {
    const page = await this.pageOf(listing);
    // The pages of a list reckon from one instant, so that time does not move them against each other.
    const instant = page?.before?.instant ?? listing.since?.instant ?? null;
    const { filter, since } = listing;
    const whole = since === undefined ? filter : { ...filter, [since.path]: { $gte: instant } };
    return { listing, representation: representationFor(request.headers), filter: whole, instant, page };
  }

  private async pageOf({ data, paging }: Listing): Promise<AskedPage | null> {
    if (paging === undefined) return null;
    const { limit, after } = paging.asked;
    if (limit === undefined && after === undefined) return null;
    const list = hashOf({ data, filters: paging.filters });
    const before = after === undefined ? null : openCursor(await this.secret.get(), list, after);
    return { list, before, limit: limit ?? DEFAULT_PAGE };
  }

  private async answerFrom(
    reading: ListReading,
    asked: AskedList,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ListBody> {
    const version = await reading.version();
    const tag: EntityTag = { version: tagVersion(asked, version), instant: asked.instant, content: null };
    const has = readTags(request.headers['if-none-match']);
    const same = has === '*' ? undefined : await reading.unchanged(has, tag.version);
    if (same !== undefined) {
      await reading.end();
      notModified(reply, same);
      return undefined;
    }

    const { encoding } = asked.representation;
    const isCacheable = version !== null && asked.instant === null;
    const known = isCacheable ? this.shortLists.get(tag.version) : undefined;
    if (known !== undefined) {
      await reading.end();
      if (isWithClient(known.content, tag, has, reply)) return undefined;
      return sendShort(known, await this.linkTo(known.next, asked, request), tag, reply);
    }
    const plan = await reading.plan();
    const next = plan?.next ?? null;
    const link = await this.linkTo(next, asked, request);
    const cached = isCacheable && has !== '*' ? this.cache.get(tag.version, encoding) : null;
    if (cached !== null) {
      await reading.end();
      setHeaders(reply, asked.representation, tag, link);
      return cached;
    }
    const batches = reading.open(plan);
    const first = await batches.read();
    if (first === null || (batches.isComplete && first.bytes.length <= MOST_BYTES_WHOLE)) {
      await reading.end();
      const plain = textOf(asked, first);
      const content = hashOf({ body: plain, representation: asked.representation, hasNext: next !== null });
      if (isWithClient(content, tag, has, reply)) return undefined;
      const short = await shortList(asked, plain, content, next);
      if (isCacheable) this.shortLists.keep(tag.version, short);
      return sendShort(short, link, tag, reply);
    }
    if (has === '*') {
      await reading.end();
      notModified(reply, tag);
      return undefined;
    }
    if (request.method === 'HEAD') {
      setHeaders(reply, asked.representation, tag, link);
      await reading.end();
      return undefined;
    }
    const ended = this.began(asked);
    setHeaders(reply, asked.representation, tag, link);
    const text = new ListText(asked.representation.mediaType, PIECE_BYTES, this.buffers);
    const plain = new ListStream(text, first, batches, this.buffers, () => {
      ended();
      return reading.end();
    });
    // An error on the way destroys what is sent, too, and whoever sends it is told.
    const sent = encoding === 'identity' ? plain : pipeline(plain, compressor(encoding), () => undefined);
    return isCacheable ? this.cache.recorded(tag.version, encoding, sent) : sent;
  }

  /**
   * Counts a whole list that takes more than one answer of the database: such a one holds a cursor and a snapshot for as long
   * as its reader takes.
   * @returns to be called when it has ended
   * @throws Problem 429 where the key has too many of them
   */
  private began({ page, listing: { keyId } }: AskedList): () => void {
    if (page !== null || keyId === undefined) return () => undefined;
    return this.longLists?.begin(keyId) ?? (() => undefined);
  }

  /** The header `Link` to the next page; null where there is none. */
  private async linkTo(next: PageCursor | null, { page }: AskedList, request: FastifyRequest): Promise<string | null> {
    if (page === null || next === null) return null;
    return nextLink(request.originalUrl, sealCursor(await this.secret.get(), page.list, next));
  }
}

function originOf({ isOpened }: ListReading, { statusCode }: FastifyReply): ListOrigin {
  if (statusCode === 304) return 'client';
  return isOpened ? 'database' : 'cache';
}

function textOf({ representation }: AskedList, batch: RawBatch | null): Buffer {
  const text = new ListText(representation.mediaType);
  if (batch !== null) text.begin(batch);
  text.piece();
  return text.end();
}

async function shortList(
  { representation: { mediaType, encoding } }: AskedList,
  plain: Buffer,
  content: string,
  next: PageCursor | null,
): Promise<ShortList> {
  const form: Representation = { mediaType, encoding: plain.length < LEAST_BYTES_COMPRESSED ? 'identity' : encoding };
  return { body: await compressed(plain, form.encoding), form, content, next };
}

/** A short list's tag says what is in it, too, which may be the same when other data has changed: that is a 304. */
function isWithClient(content: string, tag: EntityTag, has: readonly EntityTag[] | '*', reply: FastifyReply): boolean {
  const known = has === '*' ? { ...tag, content } : has.find((each) => each.content === content);
  if (known !== undefined) notModified(reply, known);
  return known !== undefined;
}

function sendShort(
  { body, form, content }: ShortList,
  link: string | null,
  tag: EntityTag,
  reply: FastifyReply,
): Buffer {
  setHeaders(reply, form, { ...tag, content }, link);
  return body;
}

/** Only once the list has been read so far that it can be sent: an error must not name a next page, or a tag. */
function setHeaders(
  reply: FastifyReply,
  { mediaType, encoding }: Representation,
  tag: EntityTag,
  link: string | null,
): void {
  void reply.type(mediaType).headers(FOR_CACHES).header('ETag', tagText(tag));
  if (encoding !== 'identity') void reply.header('Content-Encoding', encoding);
  if (link !== null) void reply.header('Link', link);
}

function notModified(reply: FastifyReply, tag: EntityTag): void {
  void reply.status(304).headers(FOR_CACHES).header('ETag', tagText(tag));
}
