import fc from '../../test/support/seeded-fast-check.js';
import { RateLimit, WINDOW_MS } from './rate-limit.js';

/** How many of `count` requests at this moment are allowed. */
function allowed(limit: RateLimit, client: string, now: number, count: number): number {
  return Array.from({ length: count }, () => limit.take(client, now)).filter(({ isAllowed }) => isAllowed).length;
}

describe('RateLimit', () => {
  it.each([1, 3, 7, 60, 1000, 12_000, 299_999])('allows %d at once and not one more', (perMinute) => {
    expect(allowed(new RateLimit(perMinute, 10), 'a', 5, perMinute + 2)).toBe(perMinute);
  });

  it('gives them back evenly', () => {
    const limit = new RateLimit(60, 10);
    allowed(limit, 'a', 0, 60);
    expect(allowed(limit, 'a', 999, 2)).toBe(0);
    expect(allowed(limit, 'a', 1_000, 2)).toBe(1);
    expect(allowed(limit, 'a', 11_000, 20)).toBe(10);
    expect(allowed(limit, 'a', 11_000 + WINDOW_MS, 100)).toBe(60);
  });

  it('tells what is left, when all is back and how long to wait', () => {
    const limit = new RateLimit(3, 10);
    expect(limit.take('a', 0)).toEqual({ isAllowed: true, remaining: 2, untilFullMs: 20_000, waitMs: 0 });
    expect(limit.take('a', 0)).toEqual({ isAllowed: true, remaining: 1, untilFullMs: 40_000, waitMs: 0 });
    expect(limit.isUsedUp('a', 0)).toBe(false);
    expect(limit.take('a', 0)).toEqual({ isAllowed: true, remaining: 0, untilFullMs: 60_000, waitMs: 0 });
    expect(limit.isUsedUp('a', 0)).toBe(true);
    expect(limit.take('a', 5_000)).toEqual({ isAllowed: false, remaining: 0, untilFullMs: 55_000, waitMs: 15_000 });
    expect(limit.isUsedUp('a', 20_000)).toBe(false);
  });

  it('does not make those wait longer who go on asking', () => {
    const limit = new RateLimit(60, 10);
    allowed(limit, 'a', 0, 100_000);
    expect(limit.take('a', 1_000).isAllowed).toBe(true);
  });

  it('may be of another time than a minute', () => {
    const limit = new RateLimit(10, 10, 3_600_000);
    expect(allowed(limit, 'a', 0, 30)).toBe(10);
    expect(allowed(limit, 'a', 359_999, 1)).toBe(0);
    expect(allowed(limit, 'a', 360_000, 30)).toBe(1);
    expect(allowed(limit, 'a', 360_000 + 3_600_000, 30)).toBe(10);
  });

  it('counts each client alone', () => {
    const limit = new RateLimit(2, 10);
    allowed(limit, 'a', 0, 5);
    expect(allowed(limit, 'b', 0, 5)).toBe(2);
  });

  it('remembers no more clients than it may, and forgets who came first', () => {
    const limit = new RateLimit(1, 100);
    for (let client = 0; client < 1_000; client += 1) limit.take(String(client), 0);
    expect(limit.size).toBe(100);
    expect(limit.take('999', 0).isAllowed).toBe(false);
    expect(limit.take('0', 0).isAllowed).toBe(true);
    expect(limit.size).toBe(100);
  });

  it('never allows more than one minute’s worth and what came back since, whenever the requests come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 0, max: 5_000 })),
        (perMinute, waits) => {
          const limit = new RateLimit(perMinute, 10);
          let now = 0;
          let passed = 0;
          for (const wait of waits) {
            now += wait;
            passed += allowed(limit, 'a', now, 3);
            expect(passed).toBeLessThanOrEqual(perMinute + (now * perMinute) / WINDOW_MS + 1e-3);
          }
        },
      ),
    );
  });
});
