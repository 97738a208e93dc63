import type { ClientSession, Document } from 'mongodb';
import { type DatabaseCalls, type DataVersions, RawBatches, type Sessions } from '#libs/database';
import type { AskedList } from './asked-list.js';
import type { EntityTag } from './entity-tag.js';
import { filterOfRest, type PagePlan, planPage } from './page-plan.js';

/** Documents of the first batch of a list of all. */
const FIRST_OF_ALL = 100;

/** Reads what a list is made of, all from one snapshot where the deployment has them. Whoever begins one ends it. */
export class ListReading {
  private readonly session: ClientSession | null;
  private batches: RawBatches | undefined;

  constructor(
    private readonly asked: AskedList,
    private readonly sessions: Sessions,
    private readonly versions: DataVersions,
    private readonly calls: DatabaseCalls,
    /** All that are open; it is among them until it ends. */
    private readonly openReadings: Set<ListReading>,
  ) {
    this.session = sessions.snapshot();
    openReadings.add(this);
  }

  /** The version of the data; null while something is written, and on a lone server. */
  async version(): Promise<string | null> {
    const { session } = this;
    return session === null ? null : this.calls.run(() => this.versions.read(this.asked.listing.data, session));
  }

  /**
   * Which of the tags that a client has says what the list is now.
   * @param version the list's, as tags have it
   */
  async unchanged(has: readonly EntityTag[], version: string): Promise<EntityTag | undefined> {
    const { instant } = this.asked;
    for (const tag of has) {
      if (tag.version !== version) continue;
      if (tag.instant === null && instant === null) return tag;
      if (tag.instant !== null && instant !== null && !(await this.endsBetween(tag.instant, instant))) return tag;
    }
    return undefined;
  }

  /** The data being the same, has time alone changed what passes the filter? */
  private async endsBetween(one: Date, other: Date): Promise<boolean> {
    const { collection, filter, since } = this.asked.listing;
    if (since === undefined || one.getTime() === other.getTime()) return false;
    const [from, to] = one < other ? [one, other] : [other, one];
    const left = { ...filter, [since.path]: { $gte: from, $lt: to } };
    const options = { projection: { _id: 1 }, ...this.inSession() };
    return (await this.calls.run(() => collection.findOne(left, options))) !== null;
  }

  /** What the page that was asked for consists of; null for a whole list. */
  async plan(): Promise<PagePlan | null> {
    const { page } = this.asked;
    return page === null ? null : this.calls.run(() => planPage(this.asked, page, this.session));
  }

  /** Opens the cursors. */
  open(plan: PagePlan | null): RawBatches {
    this.batches = new RawBatches(this.cursors(plan), this.sessions, this.calls);
    return this.batches;
  }

  /** Whether the list itself was read, or begun. */
  get isOpened(): boolean {
    return this.batches !== undefined;
  }

  /** Frees all that it holds on the server. */
  async end(): Promise<void> {
    this.openReadings.delete(this);
    await this.batches?.close();
    await this.session?.endSession();
  }

  private cursors(plan: PagePlan | null) {
    const { filter, page, listing } = this.asked;
    const { collection, order, projection, batchSize } = listing;
    // A list of all is long, as a rule: its first documents are sent before many more are fetched.
    const firstBatch = plan === null && Object.keys(filter).length === 0 ? FIRST_OF_ALL : batchSize;
    const options = { raw: true, projection, ...this.inSession() };
    const find = (conditions: Document, most: number) =>
      // One more than a limit: with as many, the server finds only when it is asked again that there are no more.
      collection.find<Buffer>(conditions, { ...options, batchSize: Math.min(firstBatch, most + 1) }).sort(order);
    if (plan === null) return [find(filter, Number.POSITIVE_INFINITY)];
    const { moved, rest } = plan;
    return [
      ...(moved.length > 0 ? [find({ _id: { $in: moved } }, moved.length)] : []),
      ...(rest > 0 ? [find(filterOfRest(filter, order, page?.before ?? null), rest).limit(rest)] : []),
    ];
  }

  private inSession() {
    return this.session === null ? {} : { session: this.session };
  }
}
