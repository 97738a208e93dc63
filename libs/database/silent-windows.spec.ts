import { SilentWindows } from './silent-windows.js';

const SECOND = 1_000;

describe('SilentWindows', () => {
  let now: number;
  let windows: SilentWindows;

  beforeEach(() => {
    now = 0;
    windows = new SilentWindows(() => now);
  });

  /** Looks every so often. @returns when a window was first found silent, null where it was not */
  function foundWithin(duration: number, every: number, signAt: (time: number) => number): number | null {
    for (const end = now + duration; now <= end; now += every) {
      if (windows.among('jobs', { window: signAt(now) }).length > 0) return now;
    }
    return null;
  }

  it('finds a window that shows no sign of life in about a minute, however often it looks', () => {
    for (const every of [1, 100, 10 * SECOND]) {
      now = 0;
      windows = new SilentWindows(() => now);
      const found = foundWithin(120 * SECOND, every, () => 5);
      expect(found).toBeGreaterThanOrEqual(60 * SECOND);
      expect(found).toBeLessThanOrEqual(75 * SECOND);
    }
  });

  it('does not find one that shows a sign now and then', () => {
    expect(foundWithin(600 * SECOND, SECOND, (time) => Math.floor(time / (50 * SECOND)))).toBeNull();
  });

  it('does not find one that it has not looked at often enough, however much time has passed', () => {
    expect(foundWithin(6 * 3_600 * SECOND, 3_600 * SECOND, () => 5)).toBe(6 * 3_600 * SECOND);
    now = 0;
    windows = new SilentWindows(() => now);
    expect(foundWithin(5 * 3_600 * SECOND, 3_600 * SECOND, () => 5)).toBeNull();
  });

  it('begins anew with one that was away in between', () => {
    expect(foundWithin(50 * SECOND, SECOND, () => 5)).toBeNull();
    windows.among('jobs', {});
    expect(foundWithin(50 * SECOND, SECOND, () => 5)).toBeNull();
  });

  it('tells windows, and what they are windows of, apart', () => {
    for (; now < 100 * SECOND; now += SECOND) {
      const open = { silent: 1, alive: now };
      windows.among('nodes', { silent: now });
      expect(windows.among('jobs', open)).toEqual(now < 60 * SECOND ? [] : ['silent']);
    }
  });
});
