import fc from '../../test/support/seeded-fast-check.js';
import type { JobRelation } from './job-identity.js';
import { type AttemptOnFile, type AttemptProgress, readingRelation } from './job-reading.js';

const RUNNING: AttemptProgress = { ended: false, live: true };
const COMPLETING: AttemptProgress = { ended: true, live: true };
const SETTLED: AttemptProgress = { ended: true, live: false };
/** Nobody knew how it ended. */
const GIVEN_UP: AttemptProgress = { ended: false, live: false };

const shown = (progress: AttemptProgress): AttemptOnFile => ({ ...progress, vanished: false });
const vanished = (progress: AttemptProgress): AttemptOnFile => ({ ...progress, vanished: true });

describe('readingRelation', () => {
  it.each<[string, JobRelation, AttemptOnFile, AttemptProgress, JobRelation]>([
    ['a running job again', 'same', shown(RUNNING), RUNNING, 'same'],
    ['an end', 'same', shown(RUNNING), SETTLED, 'same'],
    ['another word about an end', 'same', shown(SETTLED), SETTLED, 'same'],
    ['an end that is being cleaned up after', 'same', shown(SETTLED), COMPLETING, 'same'],
    ['a running job that has ended', 'same', shown(SETTLED), RUNNING, 'outdated'],
    ['one that was given up', 'same', shown(GIVEN_UP), RUNNING, 'same'],
    ['a requeue of one that has ended', 'requeued', shown(SETTLED), RUNNING, 'requeued'],
    ['another job', 'successor', shown(SETTLED), RUNNING, 'successor'],
    ['an old record', 'outdated', shown(RUNNING), SETTLED, 'outdated'],
  ])('of the controller: %s', (_, relation, onFile, incoming, expected) => {
    expect(readingRelation('controller', relation, onFile, incoming)).toBe(expected);
  });

  it.each<[string, JobRelation, AttemptOnFile, AttemptProgress, JobRelation]>([
    ['an end', 'same', shown(RUNNING), SETTLED, 'same'],
    ['the end of one that vanished', 'same', vanished(RUNNING), SETTLED, 'same'],
    ['the end of one that is being cleaned up after', 'same', shown(COMPLETING), SETTLED, 'same'],
    ['the end of one that was given up', 'same', shown(GIVEN_UP), SETTLED, 'same'],
    ['another word about an end', 'same', shown(SETTLED), SETTLED, 'outdated'],
    ['a running job', 'same', shown(RUNNING), RUNNING, 'outdated'],
    ['a running job that vanished', 'same', vanished(RUNNING), RUNNING, 'outdated'],
    ['a requeue', 'requeued', shown(SETTLED), RUNNING, 'requeued'],
    ['another job that runs', 'successor', shown(SETTLED), RUNNING, 'outdated'],
    ['another job that has ended', 'successor', shown(SETTLED), SETTLED, 'successor'],
    ['another job in place of one that the controller has', 'successor', shown(RUNNING), SETTLED, 'outdated'],
    ['another job in place of one that vanished', 'successor', vanished(RUNNING), SETTLED, 'successor'],
    ['another job in place of one that was given up', 'successor', shown(GIVEN_UP), SETTLED, 'successor'],
    ['an old record', 'outdated', shown(RUNNING), SETTLED, 'outdated'],
  ])('of accounting: %s', (_, relation, onFile, incoming, expected) => {
    expect(readingRelation('accounting', relation, onFile, incoming)).toBe(expected);
  });

  it('never takes an end back, nor makes more of a record than its identity says', () => {
    const progress = fc.record({ ended: fc.boolean(), live: fc.boolean() });
    const onFile = fc.record({ ended: fc.boolean(), live: fc.boolean(), vanished: fc.boolean() });
    const relations = fc.constantFrom<JobRelation[]>('same', 'requeued', 'successor', 'outdated');
    fc.assert(
      fc.property(fc.constantFrom('controller', 'accounting'), relations, onFile, progress, (origin, ...rest) => {
        const [relation, before, incoming] = rest;
        const found = readingRelation(origin, relation, before, incoming);
        expect([relation, 'outdated']).toContain(found);
        if (relation === 'same' && before.ended && !incoming.ended) expect(found).toBe('outdated');
      }),
    );
  });
});
