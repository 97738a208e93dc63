import fc from '../../test/support/seeded-fast-check.js';
import { freshnessHeaders, isStale } from './freshness-headers.js';

const NOW = Date.parse('2026-01-05T14:00:00Z');
const cluster = (name: string, jobsAge: number | null, nodesAge: number | null = null, intervalMs = 30_000) => ({
  name,
  intervalMs,
  jobs: jobsAge === null ? null : NOW - jobsAge,
  nodes: nodesAge === null ? null : NOW - nodesAge,
});

describe('freshnessHeaders', () => {
  it('gives the oldest of the readings that are shown', () => {
    const clusters = [cluster('a', 1_000, 9_000), cluster('b', 2_000, 500), cluster('c', null, null)];
    expect(freshnessHeaders(clusters, 'jobs', NOW)).toEqual({ 'Clockwork-Observed-At': '2026-01-05T13:59:58.000Z' });
    expect(freshnessHeaders(clusters, 'nodes', NOW)).toEqual({ 'Clockwork-Observed-At': '2026-01-05T13:59:51.000Z' });
  });

  it('is empty where none was ever read', () => {
    expect(freshnessHeaders([], 'jobs', NOW)).toEqual({});
    expect(freshnessHeaders([cluster('a', null, 1)], 'jobs', NOW)).toEqual({});
  });

  it('names those that are older than three of their own intervals, in order', () => {
    const clusters = [cluster('z', 90_001), cluster('b', 90_000), cluster('a', 15_001, null, 5_000)];
    expect(freshnessHeaders(clusters, 'jobs', NOW)['Clockwork-Stale']).toBe('a, z');
    expect(isStale(NOW - 90_000, 30_000, NOW)).toBe(false);
    expect(isStale(NOW - 90_001, 30_000, NOW)).toBe(true);
  });

  it('takes a clock that is behind for what it is: not stale', () => {
    expect(freshnessHeaders([cluster('a', -60_000)], 'jobs', NOW)).not.toHaveProperty('Clockwork-Stale');
  });

  it('writes any names so that a header may hold them and they can be told apart', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((each) => /^[^,\0]+$/.test(each));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (names) => {
        const clusters = names.map((each) => cluster(each, 1e9));
        const header = freshnessHeaders(clusters, 'jobs', NOW)['Clockwork-Stale'] ?? '';
        expect(header).toMatch(/^[\x21-\x7e]+(, [\x21-\x7e]+)*$/);
        expect(header.split(', ').map(decodeURIComponent).sort()).toEqual(
          names.map((each) => each.toWellFormed()).sort(),
        );
      }),
    );
  });

  it('stays short, however many are stale', () => {
    const clusters = Array.from({ length: 1_000 }, (_, index) => cluster(`cluster ${index} é`, 1e9));
    const header = freshnessHeaders(clusters, 'jobs', NOW)['Clockwork-Stale'] ?? '';
    expect(header.length).toBeLessThan(4_200);
    expect(header.split(', ').length).toBeGreaterThan(100);
  });
});
