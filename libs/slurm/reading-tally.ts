import type { ReadingSummary } from './document-reader.js';
import type { SkippedRecord } from './skipped-record.js';
import { UnreadableField } from './record-fields.js';

/** How many skipped records are named; the others are counted. */
const MOST_NAMED = 100;

/** Counts the records of one document, and keeps why some could not be read: one that cannot never costs the others. */
export class ReadingTally {
  private index = 0;
  private skippedCount = 0;
  private readonly skipped: SkippedRecord[] = [];

  get records(): number {
    return this.index - this.skippedCount;
  }

  /** What `read` gives, or null where it throws {@link UnreadableField}. `id` names the record in that case. */
  read<T>(read: () => T, id: () => string | null): T | null {
    try {
      const record = read();
      this.index += 1;
      return record;
    } catch (error) {
      if (!(error instanceof UnreadableField)) throw error;
      this.skip(id(), error.field, error.message);
      return null;
    }
  }

  /** One that need not be read. */
  count(): void {
    this.index += 1;
  }

  skip(id: string | null, field: string, reason: string): void {
    if (this.skipped.length < MOST_NAMED) this.skipped.push({ index: this.index, id, field, reason });
    this.skippedCount += 1;
    this.index += 1;
  }

  summary(document: Pick<ReadingSummary, 'slurmVersion' | 'clusterName'>): ReadingSummary {
    return { records: this.records, skippedCount: this.skippedCount, skipped: this.skipped, ...document };
  }
}
