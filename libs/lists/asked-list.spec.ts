import { type Collection, Long } from 'mongodb';
import { type AskedList, type AskedPage, tagVersion } from './asked-list.js';
import type { Listing } from './listing.js';

const COLLECTION = {} as unknown as Collection;
const listing: Listing = {
  data: 'jobs',
  collection: COLLECTION,
  filter: { 'derived.names': { $in: ['ada'] } },
  order: { 'derived.submitted': -1, 'derived.job_number': 1 },
  projection: { _id: 0, slurm: 1 },
  batchSize: 1000,
};
const before: NonNullable<AskedPage['before']> = {
  position: [new Date(5), Long.fromNumber(7)],
  instant: null,
  move: 3,
};
const page: AskedPage = { list: 'xyz', limit: 50, before };
const whole: AskedList = {
  listing,
  representation: { mediaType: 'application/json', encoding: 'identity' },
  filter: listing.filter,
  instant: null,
  page: null,
};
const VERSION = '0123456789abcdef01234567.5';

const ofListing = (changed: Partial<Listing>): AskedList => ({ ...whole, listing: { ...listing, ...changed } });
const ofPage = (changed: Partial<AskedPage>): AskedList => ({ ...whole, page: { ...page, ...changed } });
const ofCursor = (changed: Partial<typeof before>) => ofPage({ before: { ...before, ...changed } });

describe('tagVersion', () => {
  it('is another for all that a body depends on', () => {
    const lists: Record<string, AskedList> = {
      whole,
      'other data': ofListing({ data: 'nodes' }),
      'no filter': ofListing({ filter: {} }),
      'another filter': ofListing({ filter: { 'derived.names': { $in: ['bob'] } } }),
      'another operator': ofListing({ filter: { 'derived.names': { $nin: ['ada'] } } }),
      'a time that passes': ofListing({ since: { path: 'derived.ended', instant: new Date(5) } }),
      'other fields': ofListing({ projection: { _id: 0, cw: 1 } }),
      NDJSON: { ...whole, representation: { mediaType: 'application/x-ndjson', encoding: 'identity' } },
      gzip: { ...whole, representation: { mediaType: 'application/json', encoding: 'gzip' } },
      zstd: { ...whole, representation: { mediaType: 'application/json', encoding: 'zstd' } },
      'a first page': ofPage({ before: null }),
      'a longer first page': ofPage({ before: null, limit: 51 }),
      'a later page': ofPage({}),
      'a longer later page': ofPage({ limit: 51 }),
      'another place': ofCursor({ position: [new Date(5), Long.fromNumber(8)] }),
      'after an unknown time': ofCursor({ position: [null, Long.fromNumber(7)] }),
      'another instant of the first page': ofCursor({ instant: new Date(5) }),
      'after another move': ofCursor({ move: 4 }),
    };
    const tags = Object.values(lists).flatMap((asked) => [tagVersion(asked, VERSION), tagVersion(asked, 'none')]);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('is the same for the same list, whenever and however it is read', () => {
    const same: AskedList[] = [
      { ...ofListing({ projection: structuredClone(listing.projection) }), filter: structuredClone(whole.filter) },
      { ...whole, instant: new Date(5) },
      ofListing({ batchSize: 1 }),
      ofListing({ collection: { name: 'of another connection' } as unknown as Collection }),
    ];
    for (const asked of same) expect(tagVersion(asked, VERSION)).toBe(tagVersion(whole, VERSION));
    const since = (instant: Date) => ofListing({ since: { path: 'derived.ended', instant } });
    expect(tagVersion(since(new Date(5)), VERSION)).toBe(tagVersion(since(new Date(6)), VERSION));
  });

  it('is nobody else’s while the data has no version', () => {
    const tags = Array.from({ length: 100 }, () => tagVersion(whole, null));
    expect(new Set([...tags, tagVersion(whole, VERSION)]).size).toBe(101);
  });
});
