import { hash } from 'node:crypto';
import type { JobRecord } from '#libs/slurm';

/** More are not remembered; they are compared with the database, as all are at first. */
const MOST_JOBS = 500_000;
/** Others write jobs too, such as an import: what is on file is looked at again after so long. */
const REMEMBERED_MS = 10 * 60_000;

/** What the last readings of a cluster said, so that what says the same again costs the database nothing. */
export class SeenJobs {
  private readonly contents = new Map<string, string>();
  private forgetAt = 0;

  /** To be called before a reading. @param now by `performance.now()` */
  beginReading(now: number): void {
    if (now < this.forgetAt && this.contents.size < MOST_JOBS) return;
    this.forgetAll();
    this.forgetAt = now + REMEMBERED_MS;
  }

  /** Whether a job says something else than when it was last remembered. */
  isNew(record: JobRecord): boolean {
    return this.contents.get(record.jobId) !== contentOf(record);
  }

  /** To be called once what it says is written. */
  remember(record: JobRecord): void {
    if (this.contents.size < MOST_JOBS) this.contents.set(record.jobId, contentOf(record));
  }

  forgetAll(): void {
    this.contents.clear();
  }

  forget(jobId: string): void {
    this.contents.delete(jobId);
  }
}

/** A priority changes with time alone, and is no news. */
function contentOf(record: JobRecord): string {
  return hash('sha1', JSON.stringify({ ...record, priority: null }), 'base64');
}
