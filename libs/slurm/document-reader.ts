import type { SkippedRecord } from './skipped-record.js';

/** Reads one document of Slurm's as it comes, in bounded memory, whatever its size. */
export interface DocumentReader<T> {
  /**
   * @returns the records that are whole by now
   * @throws SlurmFormatError where this is no such document
   */
  take(chunk: Uint8Array): T[];
  /**
   * To be called once, after the last piece.
   * @throws SlurmFormatError where the document was empty, cut short, or told errors instead of records
   */
  end(): { records: T[]; summary: ReadingSummary };
}

/** What came of reading one document to its end. */
export interface ReadingSummary {
  /** How many records could be read. */
  records: number;
  /** How many could not. */
  skippedCount: number;
  /** The first of those, at most 100. */
  skipped: SkippedRecord[];
  /** As the document gives it, e.g. `22.05.8`; null where it does not. */
  slurmVersion: string | null;
  /** The name that the cluster has in Slurm; null where the document does not give it. */
  clusterName: string | null;
}
