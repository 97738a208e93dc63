import { pipeline, type Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientSession, Document, Filter } from 'mongodb';
import { DatabaseCalls, DataVersions, RawBatches, type RawBatch, Sessions } from '#libs/database';
import { CursorSecret } from './cursor-secret.js';
import { compressed, compressor } from './encoding.js';
import { type EntityTag, hashOf, readTags, tagText, uniqueVersion } from './entity-tag.js';
import { ListStream } from './list-stream.js';
import { ListText } from './list-text.js';
import type { Listing } from './listing.js';
import { nextLink } from './next-link.js';
import { openCursor, type PageCursor, sealCursor } from './page-cursor.js';
import { DEFAULT_PAGE } from './page-parameters.js';
import { filterOfRest, type PagePlan, planPage } from './page-plan.js';
import { DECIDING_HEADERS, type Representation, representationFor } from './representation.js';

/** Raised when the same data comes out as other text: tags of before are void then. */
const FORMAT = 1;
/** What is handed to the socket at a time. */
const PIECE_BYTES = 64 * 1024;
/** A list that the first answer of the database holds whole, and no larger than this, is sent in one piece. */
const MOST_BYTES_WHOLE = 1024 * 1024;
/** Below it, compressing costs more than it saves. */
const LEAST_BYTES_COMPRESSED = 1024;

/** What a request for a list comes to, before anything is read. */
interface Asked {
  listing: Listing;
  representation: Representation;
  /** Of the whole list, times that pass included. */
  filter: Filter<Document>;
  instant: Date | null;
  /** Null: the whole list. */
  page: { list: string; before: PageCursor | null; limit: number } | null;
}

/** What a list's answer is sent from; none where the client has it already. */
export type ListBody = Readable | Buffer | undefined;

/** Answers with lists: in whole or page by page, as the client takes them, or with 304 where it has them already. */
@Injectable()
export class ListsService {
  constructor(
    private readonly sessions: Sessions,
    private readonly versions: DataVersions,
    private readonly calls: DatabaseCalls,
    private readonly secret: CursorSecret,
  ) {}

  /**
   * Sets the headers of an answer.
   * @returns its body; it has none where the client has the list already
   * @throws Problem 400 for a cursor that is not of this list
   */
  async answer(request: FastifyRequest, reply: FastifyReply, listing: Listing): Promise<ListBody> {
    const asked = await this.asked(request, listing);
    void reply.headers({ Vary: DECIDING_HEADERS, 'Cache-Control': 'private, no-cache' });
    const session = this.sessions.snapshot();
    const reading = new Reading(session);
    try {
      return await this.answerFrom(reading, asked, request, reply);
    } catch (error) {
      await reading.end();
      throw error;
    }
  }

  private async asked(request: FastifyRequest, listing: Listing): Promise<Asked> {
    const page = await this.pageOf(listing);
    const instant = page?.before?.instant ?? listing.since?.instant ?? null;
    const filter =
      listing.since === undefined ? listing.filter : { ...listing.filter, [listing.since.path]: { $gte: instant } };
    return { listing, representation: representationFor(request.headers), filter, instant, page };
  }

  private async pageOf({ data, paging }: Listing): Promise<Asked['page']> {
    if (paging === undefined) return null;
    const { limit, after } = paging.asked;
    if (limit === undefined && after === undefined) return null;
    const list = hashOf(data, { filters: paging.filters });
    const before = after === undefined ? null : openCursor(await this.secret.get(), list, after);
    return { list, before, limit: limit ?? DEFAULT_PAGE };
  }

  private async answerFrom(
    reading: Reading,
    asked: Asked,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ListBody> {
    const { listing, representation, page, instant } = asked;
    const version = await this.version(listing, reading.session);
    const tag: EntityTag = { version: tagVersion(asked, version), instant, content: null };
    const has = readTags(request.headers['if-none-match']);
    const same = has === '*' ? tag : version === null ? undefined : await this.unchanged(has, tag, asked, reading);
    if (same !== undefined) return this.notModified(reply, same, reading);

    const plan =
      page === null
        ? null
        : await this.calls.run(() =>
            planPage(listing, asked.filter, page.before, page.limit, instant, reading.session),
          );
    if (page !== null && plan?.next != null) {
      const cursor = sealCursor(await this.secret.get(), page.list, plan.next);
      void reply.header('Link', nextLink(request.originalUrl, cursor));
    }
    const batches = new RawBatches(this.cursors(asked, plan, reading.session), this.calls);
    reading.begin(batches);
    const first = await batches.read();
    void reply.type(representation.mediaType);

    if (first === null || (batches.isComplete && first.bytes.length <= MOST_BYTES_WHOLE)) {
      await reading.end();
      const body = wholeText(representation, first);
      tag.content = hashOf(body, representation, plan?.next == null ? 'last' : 'more');
      const known = has === '*' ? undefined : has.find(({ content }) => content === tag.content);
      if (known !== undefined) return this.notModified(reply, known, reading);
      void reply.header('ETag', tagText(tag));
      if (body.length < LEAST_BYTES_COMPRESSED || representation.encoding === 'identity') return body;
      void reply.header('Content-Encoding', representation.encoding);
      return compressed(body, representation.encoding);
    }

    void reply.header('ETag', tagText(tag));
    if (representation.encoding !== 'identity') void reply.header('Content-Encoding', representation.encoding);
    if (request.method === 'HEAD') {
      await reading.end();
      return undefined;
    }
    const text = new ListText(representation.mediaType, PIECE_BYTES);
    const stream = new ListStream(text, first, batches, () => reading.end());
    if (representation.encoding === 'identity') return stream;
    // An error on the way destroys what is sent, too; who is told of it is the one who sends.
    return pipeline(stream, compressor(representation.encoding), () => undefined);
  }

  private async version({ data }: Listing, session: ClientSession | null): Promise<string | null> {
    return session === null ? null : this.calls.run(() => this.versions.read(data, session));
  }

  /** A tag that the client has and that says what this list is now. */
  private async unchanged(
    has: readonly EntityTag[],
    { version }: EntityTag,
    { listing, instant }: Asked,
    { session }: Reading,
  ): Promise<EntityTag | undefined> {
    for (const tag of has) {
      if (tag.version !== version || (tag.instant === null) !== (instant === null)) continue;
      if (tag.instant === null || instant === null || listing.since === undefined) return tag;
      // The data is the same: has time alone changed what passes the filter?
      const [from, to] = [tag.instant, instant].sort((a, b) => a.getTime() - b.getTime());
      const passed = { ...listing.filter, [listing.since.path]: { $gte: from, $lt: to } };
      const options = { projection: { _id: 1 }, ...(session === null ? {} : { session }) };
      if ((await this.calls.run(() => listing.collection.findOne(passed, options))) === null) return tag;
    }
    return undefined;
  }

  private async notModified(reply: FastifyReply, tag: EntityTag, reading: Reading): Promise<undefined> {
    await reading.end();
    void reply.status(304).header('ETag', tagText(tag)).removeHeader('Content-Type');
    return undefined;
  }

  private cursors({ listing, filter, page }: Asked, plan: PagePlan | null, session: ClientSession | null) {
    const { collection, order, projection, batchSize } = listing;
    const options = { raw: true, projection, batchSize, ...(session === null ? {} : { session }) };
    if (plan === null) return [collection.find<Buffer>(filter, options).sort(order)];
    const moved = plan.moved.length > 0 ? [{ _id: { $in: plan.moved } }] : [];
    const rest = plan.rest > 0 ? [filterOfRest(filter, order, page?.before ?? null)] : [];
    return [
      ...moved.map((each) => collection.find<Buffer>(each as Document, options).sort(order)),
      ...rest.map((each) => collection.find<Buffer>(each, options).sort(order).limit(plan.rest)),
    ];
  }
}

/** What a list is read with, and is freed when it is over. */
class Reading {
  private batches: RawBatches | undefined;

  constructor(readonly session: ClientSession | null) {}

  begin(batches: RawBatches): void {
    this.batches = batches;
  }

  async end(): Promise<void> {
    await this.batches?.close();
    await this.session?.endSession();
  }
}

/** Of all that the body depends on but for time. */
function tagVersion({ listing, representation, page }: Asked, version: string | null): string {
  if (version === null) return uniqueVersion();
  const { data, filter, since, projection } = listing;
  return hashOf({
    ...{ FORMAT, data, version, filter, since: since?.path, projection },
    ...{ representation, limit: page?.limit, before: page?.before },
  });
}

function wholeText({ mediaType }: Representation, batch: RawBatch | null): Buffer {
  const text = new ListText(mediaType);
  if (batch !== null) text.begin(batch);
  text.piece();
  return text.end();
}
