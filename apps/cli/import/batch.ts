/** Records written at a time, and their bytes as stored: a batch that reaches either is full. */
const MOST_RECORDS = 500;
const MOST_BYTES = 4 * 1024 * 1024;

/** Records held until they are written together. */
export class Batch<T> {
  private records: T[] = [];
  private bytes = 0;

  get isFull(): boolean {
    return this.records.length >= MOST_RECORDS || this.bytes >= MOST_BYTES;
  }

  add(record: T, bytes: number): void {
    this.records.push(record);
    this.bytes += bytes;
  }

  /** What is held, which is the caller's from now on. */
  take(): T[] {
    const { records } = this;
    this.records = [];
    this.bytes = 0;
    return records;
  }
}
