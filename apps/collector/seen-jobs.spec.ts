import { readFileSync } from 'node:fs';
import { jobReader, type JobRecord } from '#libs/slurm';
import { SeenJobs } from './seen-jobs.js';

const [job] = readRecorded();
const changed: JobRecord = { ...job, comment: 'another' };

function readRecorded(): [JobRecord] {
  const reader = jobReader('controller-json', { timeZone: 'UTC' });
  const file = new URL('../../fixtures/slurm-22.05/squeue.json', import.meta.url);
  const [first] = [...reader.take(readFileSync(file)), ...reader.end().records];
  if (first === undefined) throw new Error('no job is recorded');
  return [first];
}

/** A reading that shows a record in a text; what is new in it is written. @returns whether it was */
function reading(seen: SeenJobs, record: JobRecord, text: string, now = 0): 'text known' | 'same' | 'written' {
  seen.beginReading(now);
  if (seen.jobOfText(text) !== undefined) return 'text known';
  // Each reading makes a record of its own.
  const read = { ...record };
  seen.noteText(read, text);
  if (!seen.isNew(read)) return 'same';
  seen.remember(read);
  return 'written';
}

describe('the jobs of the last readings', () => {
  it('are known by their texts, and by what they say in another text', () => {
    const seen = new SeenJobs();
    expect(reading(seen, job, 'a')).toBe('written');
    expect(reading(seen, job, 'a')).toBe('text known');
    expect(reading(seen, job, 'b')).toBe('same');
    expect(reading(seen, job, 'b')).toBe('text known');
    expect(reading(seen, { ...job, priority: 77 }, 'c')).toBe('same');
  });

  it('are not taken for what they were before they changed, whatever the text', () => {
    const seen = new SeenJobs();
    reading(seen, job, 'a');
    expect(reading(seen, changed, 'b')).toBe('written');
    expect(reading(seen, job, 'a')).toBe('written');
  });

  it('are not known before they are written', () => {
    const seen = new SeenJobs();
    seen.beginReading(0);
    const read = { ...job };
    seen.noteText(read, 'a');
    expect(seen.isNew(read)).toBe(true);
    expect(reading(seen, job, 'a')).toBe('written');
  });

  it('are forgotten: one that is gone, all when others may have written, all after a while', () => {
    const seen = new SeenJobs();
    reading(seen, job, 'a');
    seen.beginReading(1);
    seen.forget(job.jobId);
    expect(reading(seen, job, 'a')).toBe('written');
    seen.forgetAll();
    expect(reading(seen, job, 'a', 2)).toBe('written');
    expect(reading(seen, job, 'a', 3)).toBe('text known');
    expect(reading(seen, job, 'a', 11 * 60_000)).toBe('written');
  });
});
