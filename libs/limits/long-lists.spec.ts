import { LimitCounters } from './limit-counters.js';
import { LongLists } from './long-lists.js';

describe('LongLists', () => {
  it('refuses a key more than it may have at a time, with 429 and when to ask again', () => {
    const counters = new LimitCounters();
    const lists = new LongLists(2, counters);
    const end = lists.begin('a');
    lists.begin('a');
    expect(() => lists.begin('a')).toThrow(
      expect.objectContaining({
        status: 429,
        headers: { 'Retry-After': '2' },
        detail: expect.stringContaining('2 long lists') as string,
      }) as Error,
    );
    lists.begin('b');
    expect(counters.refused().get('lists_per_key')).toBe(1);
    expect(counters.inUse().get('long_lists')).toBe(3);
    end();
    lists.begin('a');
    expect(counters.inUse().get('long_lists')).toBe(3);
  });

  it('has no limit at 0, and forgets a key whose lists have ended', () => {
    const counters = new LimitCounters();
    const lists = new LongLists(0, counters);
    const ends = Array.from({ length: 1_000 }, () => lists.begin('a'));
    expect(counters.inUse().get('long_lists')).toBe(1_000);
    for (const end of ends) end();
    expect(counters.inUse().get('long_lists')).toBe(0);
  });
});
