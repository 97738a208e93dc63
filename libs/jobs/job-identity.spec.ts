import fc from '../../test/support/seeded-fast-check.js';
import { type JobIdentity, relationTo } from './job-identity.js';

/** Few values, so that they meet. */
const anyIdentity: fc.Arbitrary<JobIdentity> = fc.record({
  submitted: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
  restarts: fc.option(fc.nat(2), { nil: null }),
  uid: fc.option(fc.constantFrom('1000', '1001'), { nil: null }),
});
const identity = (
  submitted: number | null,
  restarts: number | null = null,
  uid: string | null = null,
): JobIdentity => ({
  submitted,
  restarts,
  uid,
});

describe('relationTo', () => {
  it.each<[string, JobIdentity, JobIdentity, string]>([
    ['the same submit time', identity(10), identity(10), 'same'],
    ['the same submit time, restarts told by one', identity(10, 1), identity(10), 'same'],
    ['a later one, without a restart count', identity(10), identity(20), 'successor'],
    ['a later one, with a count on one side', identity(10), identity(20, 1), 'successor'],
    ['a later one, with a higher count', identity(10, 0), identity(20, 1), 'requeued'],
    ['a later one, several requeues later', identity(10, 1), identity(20, 4), 'requeued'],
    ['a later one, with the same count', identity(10, 1), identity(20, 1), 'successor'],
    ['a later one, with a lower count', identity(10, 3), identity(20, 0), 'successor'],
    ['a later one, with a higher count, of another user', identity(10, 0, '1'), identity(20, 1, '2'), 'successor'],
    ['a later one, with a higher count, of the same user', identity(10, 0, '1'), identity(20, 1, '1'), 'requeued'],
    ['a later one, with a higher count, of who knows whom', identity(10, 0, '1'), identity(20, 1), 'requeued'],
    ['an earlier one', identity(20), identity(10), 'outdated'],
    ['an earlier one, with a higher count', identity(20, 0), identity(10, 5), 'outdated'],
    ['an earlier one, of another user', identity(20, 0, '1'), identity(10, 0, '2'), 'outdated'],
    ['none on file', identity(null), identity(10), 'same'],
    ['none that comes in', identity(10), identity(null), 'same'],
    ['none at all', identity(null), identity(null), 'same'],
    ['the same one, of another user', identity(10, 0, '1'), identity(10, 0, '2'), 'same'],
    ['none on file, of another user', identity(null, 0, '1'), identity(10, 0, '2'), 'successor'],
    ['none that comes in, of another user', identity(10, 0, '1'), identity(null, 0, '2'), 'successor'],
  ])('%s', (_, onFile, incoming, relation) => {
    expect(relationTo(onFile, incoming)).toBe(relation);
  });

  it('never takes jobs of different users for one, unless both were submitted at one known moment', () => {
    fc.assert(
      fc.property(anyIdentity, anyIdentity, (onFile, incoming) => {
        fc.pre(onFile.uid !== null && incoming.uid !== null && onFile.uid !== incoming.uid);
        fc.pre(onFile.submitted === null || onFile.submitted !== incoming.submitted);
        expect(relationTo(onFile, incoming)).toMatch(/^(successor|outdated)$/);
      }),
    );
  });

  it('takes a record for the same as itself, so that the same reading again changes nothing', () => {
    fc.assert(
      fc.property(anyIdentity, (identity) => {
        expect(relationTo(identity, identity)).toBe('same');
      }),
    );
  });

  it('never lets an earlier submission change a later one, nor the other way be outdated', () => {
    fc.assert(
      fc.property(anyIdentity, anyIdentity, (one, other) => {
        fc.pre(one.submitted !== null && other.submitted !== null && one.submitted < other.submitted);
        expect(relationTo(other, one)).toBe('outdated');
        expect(relationTo(one, other)).toMatch(/^(requeued|successor)$/);
      }),
    );
  });

  it.each<[string, Partial<JobIdentity>, Partial<JobIdentity>, string]>([
    ['the same array task', { arrayJobId: '5', arrayTaskId: 2 }, { arrayJobId: '5', arrayTaskId: 2 }, 'requeued'],
    [
      'the last task, which had not been seen',
      { arrayJobId: '5', arrayTaskId: null },
      { arrayJobId: '5', arrayTaskId: 2 },
      'requeued',
    ],
    ['another task', { arrayJobId: '5', arrayTaskId: 1 }, { arrayJobId: '5', arrayTaskId: 2 }, 'successor'],
    ['another array', { arrayJobId: '5', arrayTaskId: 2 }, { arrayJobId: '6', arrayTaskId: 2 }, 'successor'],
    [
      'an array after none',
      { arrayJobId: null, arrayTaskId: null },
      { arrayJobId: '5', arrayTaskId: null },
      'successor',
    ],
    ['an array after nobody knows what', {}, { arrayJobId: '5', arrayTaskId: 2 }, 'requeued'],
    ['none after an array', { arrayJobId: '5', arrayTaskId: 2 }, { arrayJobId: null, arrayTaskId: null }, 'successor'],
    ['another heterogeneous job', { hetJobId: '5', hetJobOffset: 0 }, { hetJobId: '6', hetJobOffset: 0 }, 'successor'],
    ['another component', { hetJobId: '5', hetJobOffset: 0 }, { hetJobId: '5', hetJobOffset: 1 }, 'successor'],
    ['another directory', { workDir: '/a' }, { workDir: '/b' }, 'successor'],
    ['a directory that is not told', { workDir: '/a' }, { workDir: null }, 'requeued'],
    ['a new number in accounting', { databaseIndex: '7' }, { databaseIndex: '8' }, 'requeued'],
    ['the same number in an accounting begun anew', { databaseIndex: '7' }, { databaseIndex: '7' }, 'successor'],
    ['a new sortable id', { sluid: 's1' }, { sluid: 's2' }, 'requeued'],
    ['the same sortable id', { sluid: 's1' }, { sluid: 's1' }, 'same'],
  ])('%s, submitted later with a higher count', (_, onFile, incoming, relation) => {
    expect(relationTo({ ...identity(10, 0, '1'), ...onFile }, { ...identity(20, 1, '1'), ...incoming })).toBe(relation);
  });

  it('takes a later submission for a requeue only where both counts say so', () => {
    fc.assert(
      fc.property(anyIdentity, anyIdentity, (onFile, incoming) => {
        if (relationTo(onFile, incoming) !== 'requeued') return;
        expect(Number(incoming.submitted)).toBeGreaterThan(Number(onFile.submitted));
        expect(incoming.restarts ?? -1).toBeGreaterThan(onFile.restarts ?? Number.POSITIVE_INFINITY);
      }),
      { numRuns: 1000 },
    );
  });
});
