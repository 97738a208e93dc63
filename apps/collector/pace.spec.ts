import fc from '../../test/support/seeded-fast-check.js';
import { nextCycleIn } from './pace.js';

describe('the pace of a cluster', () => {
  it('is its interval while Slurm answers quickly', () => {
    expect(nextCycleIn(30_000, { askedMs: 200, failures: 0 }, 0.9)).toBe(30_000);
  });

  it('leaves a slow Slurm nine tenths of the time', () => {
    expect(nextCycleIn(30_000, { askedMs: 12_000, failures: 0 }, 0.5)).toBe(120_000);
  });

  it('waits twice as long with each failure, up to five minutes', () => {
    const waits = [1, 2, 3, 4, 5, 50].map((failures) => nextCycleIn(30_000, { askedMs: 0, failures }, 0.5));
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('is soon back at a Slurm that was away: a question that its commands wait over for ten seconds is no work of its', () => {
    const waits = [1, 2, 3].map((failures) => nextCycleIn(5_000, { askedMs: 10_000, failures }, 0.5));
    expect(waits).toEqual([20_000, 40_000, 80_000]);
  });

  it('draws the wait after a failure by lot, by up to a fifth', () => {
    expect(nextCycleIn(10_000, { askedMs: 0, failures: 1 }, 0)).toBe(8_000);
    expect(nextCycleIn(10_000, { askedMs: 0, failures: 1 }, 1)).toBe(12_000);
  });

  it('never asks more often for being slow, and never stops', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5_000, max: 3_600_000 }),
        fc.integer({ min: 0, max: 600_000 }),
        fc.nat(1_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (intervalMs, askedMs, failures, random) => {
          const wait = nextCycleIn(intervalMs, { askedMs, failures }, random);
          expect(wait).toBeGreaterThanOrEqual(intervalMs * 0.8);
          expect(wait).toBeLessThanOrEqual(Math.max(askedMs * 10, 3_600_000, 300_000) * 1.2);
          if (failures === 0) expect(wait).toBeGreaterThanOrEqual(askedMs * 10);
        },
      ),
    );
  });
});
