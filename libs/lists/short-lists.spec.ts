import { JSON_MEDIA_TYPE } from '#libs/common';
import { type ShortList, ShortLists } from './short-lists.js';

const KIB = 1024;

function list(body: Buffer): ShortList {
  return { body, form: { mediaType: JSON_MEDIA_TYPE, encoding: 'identity' }, content: 'c', next: null };
}

describe('ShortLists', () => {
  it('gives back what it keeps, under its version alone', () => {
    const lists = new ShortLists();
    const kept = list(Buffer.alloc(10 * KIB, 'a'));
    lists.keep('one', kept);
    expect(lists.get('one')).toEqual(kept);
    expect(lists.get('other')).toBeUndefined();
  });

  it('drops those that were not asked for longest, once all take more than they may', () => {
    const lists = new ShortLists(100 * KIB);
    for (const version of ['a', 'b', 'c']) lists.keep(version, list(Buffer.alloc(30 * KIB)));
    lists.get('a');
    lists.keep('d', list(Buffer.alloc(30 * KIB)));
    expect(['a', 'b', 'c', 'd'].filter((version) => lists.get(version) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  it('does not keep what is larger than all may be', () => {
    const lists = new ShortLists(100 * KIB);
    lists.keep('large', list(Buffer.alloc(100 * KIB)));
    expect(lists.get('large')).toBeUndefined();
  });

  it('keeps none of the memory that a body shares with others', () => {
    const lists = new ShortLists();
    const large = Buffer.alloc(KIB * KIB, 'x');
    lists.keep('part', list(large.subarray(10, 20)));
    const body = lists.get('part')?.body;
    expect(body?.toString()).toBe('x'.repeat(10));
    expect(body?.buffer.byteLength).toBe(10);
  });
});
