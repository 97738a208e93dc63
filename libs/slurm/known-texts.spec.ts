import { readFileSync } from 'node:fs';
import type { JobRecord } from './job-record.js';
import { jobReader } from './readers.js';

/** What was read is known from then on, unless it is told to be forgotten. */
class Memory {
  readonly digests = new Map<string, string>();
  known: string[] = [];

  isKnown(digest: string): boolean {
    const jobId = this.digests.get(digest);
    if (jobId !== undefined) this.known.push(jobId);
    return jobId !== undefined;
  }

  read({ jobId }: JobRecord, digest: string): void {
    this.digests.set(digest, jobId);
  }
}

function read(text: string, memory: Memory, pieceBytes = 1_000) {
  memory.known = [];
  const reader = jobReader('controller-json', { timeZone: 'UTC' }, memory);
  const bytes = Buffer.from(text);
  const records: JobRecord[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    records.push(...reader.take(bytes.subarray(at, at + pieceBytes)));
  const end = reader.end();
  return { ids: [...records, ...end.records].map(({ jobId }) => jobId), summary: end.summary };
}

const recorded = ['22.05', '24.11'].flatMap((version) => {
  const file = new URL(`../../fixtures/slurm-${version}/squeue.json`, import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8')) as { jobs: { job_id: number; comment: string }[] };
  return [0, 2].map((indentation) => ({ version, indentation, document }));
});

describe.each(recorded)(
  'records of $version, indented by $indentation, whose texts are known',
  ({ indentation, document }) => {
    const textOf = (value: object) => JSON.stringify(value, null, indentation);
    const ids = document.jobs.map(({ job_id }) => String(job_id));

    it('are counted and not read again', () => {
      const memory = new Memory();
      expect(read(textOf(document), memory).ids).toEqual(ids);
      const again = read(textOf(document), memory, 70_000);
      expect(again.ids).toEqual([]);
      expect(memory.known).toEqual(ids);
      expect(again.summary).toMatchObject({ records: ids.length, skippedCount: 0 });
    });

    it('are read where anything but what changes by itself is another', () => {
      const memory = new Memory();
      read(textOf(document), memory);
      const later = {
        ...document,
        jobs: document.jobs.map((job, index) => (index === 3 ? { ...job, comment: 'another' } : job)),
      };
      expect(read(textOf(later), memory).ids).toEqual([ids[3]]);
      expect(memory.known).toEqual(ids.filter((id) => id !== ids[3]));
    });

    it('are none that could not be read', () => {
      const memory = new Memory();
      const broken = { ...document, jobs: [{ ...document.jobs[0], job_state: 7 }] };
      for (const reading of [read(textOf(broken), memory), read(textOf(broken), memory)]) {
        expect(reading.summary).toMatchObject({ records: 0, skippedCount: 1 });
      }
    });
  },
);
