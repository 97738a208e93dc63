import fc from '../../test/support/seeded-fast-check.js';
import { SilentWindows } from './silent-windows.js';

const SECOND = 1_000;

/** One look at what is open, so long after the one before. */
interface Look {
  wait: number;
  open: Record<string, number>;
}

const wait = fc.oneof(fc.constantFrom(0, 9_999, 10_000, 10_001, 3_600_000), fc.integer({ min: 0, max: 30_000 }));
/** Windows that mostly stay open, whose sign mostly stays the same. */
const sign = fc.option(fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2)), { freq: 12 });
const looks: fc.Arbitrary<Look[]> = fc.array(
  fc.record({
    wait,
    open: fc.record({ a: sign, b: sign }).map((signs) => {
      return Object.fromEntries(
        Object.entries(signs).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      );
    }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** What is found dead at each look. */
function found(all: readonly Look[]): string[][] {
  let now = 0;
  const silent = new SilentWindows(() => now);
  return all.map((look) => {
    now += look.wait;
    return silent.among('jobs', look.open).sort();
  });
}

/** At how many of the last looks, each at least 10 s after another, a window was open with the sign that it has now. */
function unchangedLooks(all: readonly Look[], window: string): number {
  const times = all.map((_, index) => all.slice(0, index + 1).reduce((sum, look) => sum + look.wait, 0));
  const last = all.at(-1)?.open[window];
  const since = all.findLastIndex(({ open }) => open[window] !== last) + 1;
  let count = 0;
  let counted = Number.NEGATIVE_INFINITY;
  for (const time of times.slice(since)) {
    if (time - counted < 10 * SECOND) continue;
    counted = time;
    count += 1;
  }
  return count;
}

describe('SilentWindows', () => {
  it('finds dead what showed no sign of life at seven looks, each at least 10 s after another, and nothing else', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const expected = all.map(({ open }, index) =>
          Object.keys(open).filter((window) => unchangedLooks(all.slice(0, index + 1), window) >= 7),
        );
        expect(found(all)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a minute at least, however often it looks', () => {
    const everySecond = Array.from({ length: 62 }, () => ({ wait: SECOND, open: { a: 0 } }));
    expect(found(everySecond).findIndex((dead) => dead.length > 0)).toBe(60);
  });

  it('takes no window for dead because it was not looked at for long', () => {
    const rarely = Array.from({ length: 6 }, () => ({ wait: 24 * 3_600 * SECOND, open: { a: 0 } }));
    expect(found(rarely).flat()).toEqual([]);
  });

  it('begins anew with every sign of life, whether it goes up or down', () => {
    // A look at an older snapshot may come after one at a newer.
    const signs = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    expect(found(signs.map((a) => ({ wait: 20 * SECOND, open: { a } }))).flat()).toEqual([]);
  });

  it('forgets what was closed', () => {
    const open = Array.from({ length: 6 }, () => ({ wait: 20 * SECOND, open: { a: 0 } }));
    expect(found([...open, { wait: 0, open: {} }, ...open]).flat()).toEqual([]);
  });

  it('tells windows of different data apart', () => {
    let now = 0;
    const silent = new SilentWindows(() => now);
    for (let look = 0; look < 6; look += 1, now += 20 * SECOND) silent.among('jobs', { a: 0 });
    expect(silent.among('nodes', { a: 0 })).toEqual([]);
    expect(silent.among('jobs', { a: 0 })).toEqual(['a']);
  });

  it('goes by the time of this process where none is given', () => {
    const silent = new SilentWindows();
    for (let look = 0; look < 20; look += 1) expect(silent.among('jobs', { a: 0 })).toEqual([]);
  });
});
