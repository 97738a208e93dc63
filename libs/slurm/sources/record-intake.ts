import type { DocumentReader, ReadingSummary } from '../document-reader.js';
import { SlurmFormatError } from '../slurm-format-error.js';
import { type SlurmErrors, slurmErrors } from './slurm-errors.js';
import type { Take } from './slurm-source.js';
import { NO_RECORDS } from './summary.js';

/** Errors come with empty lists, and stand near the beginning. */
const KEPT_BYTES = 16_384;

/** Takes in the bytes of one document and hands on the records. */
export class RecordIntake<T> {
  readonly #reader: DocumentReader<T>;
  readonly #take: Take<T>;
  #beginning = Buffer.alloc(0);
  /** Whether anything has been handed on: then the question cannot be put another way any more. */
  begun = false;

  constructor(reader: DocumentReader<T>, take: Take<T>) {
    this.#reader = reader;
    this.#take = take;
  }

  async add(chunk: Uint8Array): Promise<void> {
    if (this.#beginning.length < KEPT_BYTES) {
      this.#beginning = Buffer.concat([this.#beginning, chunk.subarray(0, KEPT_BYTES - this.#beginning.length)]);
    }
    await this.#handOn(this.#reader.take(chunk));
  }

  /** @throws SlurmFormatError where the document cannot be read */
  async end(): Promise<ReadingSummary> {
    const { records, summary } = this.#end();
    await this.#handOn(records);
    return summary;
  }

  /** What the document told instead of records. */
  errors(): SlurmErrors {
    return slurmErrors(this.#beginning.toString('utf8'));
  }

  #end(): { records: T[]; summary: ReadingSummary } {
    try {
      return this.#reader.end();
    } catch (error) {
      if (error instanceof SlurmFormatError && !this.begun && this.errors().nothingFound) {
        return { records: [], summary: NO_RECORDS };
      }
      throw error;
    }
  }

  async #handOn(records: readonly T[]): Promise<void> {
    if (records.length === 0) return;
    this.begun = true;
    await this.#take(records);
  }
}
