import { hash } from 'node:crypto';
import type { JobRecord } from '#libs/slurm';

/** More are not remembered; they are compared with the database, as all are at first. */
const MOST_JOBS = 500_000;
/** Others write jobs too, such as an import: what is on file is looked at again after so long. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * What the last readings of a cluster said, so that what says the same again costs the database nothing; and in which texts the
 * last one said it, so that those need not even be read.
 */
export class SeenJobs {
  private readonly contents = new Map<string, string>();
  /** Jobs by the digest of their text, of the last reading and of this one: what is in them says what `contents` has. */
  private lastTexts = new Map<string, string>();
  private texts = new Map<string, string>();
  private readonly digests = new WeakMap<JobRecord, string>();
  private forgetAt = 0;

  /** To be called before a reading. @param now by `performance.now()` */
  beginReading(now: number): void {
    this.lastTexts = this.texts;
    this.texts = new Map();
    if (now < this.forgetAt && this.contents.size < MOST_JOBS) return;
    this.forgetAll();
    this.forgetAt = now + REMEMBERED_MS;
  }

  /** Whose job a text is that says what is remembered. */
  jobOfText(digest: string): string | undefined {
    const jobId = this.lastTexts.get(digest);
    if (jobId !== undefined) this.texts.set(digest, jobId);
    return jobId;
  }

  /** The text of a record of this reading. */
  noteText(record: JobRecord, digest: string): void {
    this.digests.set(record, digest);
  }

  /** Whether a job says something else than when it was last remembered. */
  isNew(record: JobRecord): boolean {
    const isNew = this.contents.get(record.jobId) !== contentOf(record);
    if (!isNew) this.rememberText(record);
    return isNew;
  }

  /** To be called once what it says is written. */
  remember(record: JobRecord): void {
    if (this.contents.size >= MOST_JOBS) return;
    this.contents.set(record.jobId, contentOf(record));
    this.rememberText(record);
  }

  forgetAll(): void {
    this.contents.clear();
    this.lastTexts.clear();
    this.texts.clear();
  }

  /** Of a job that this reading has not shown. */
  forget(jobId: string): void {
    this.contents.delete(jobId);
  }

  private rememberText(record: JobRecord): void {
    const digest = this.digests.get(record);
    if (digest !== undefined) this.texts.set(digest, record.jobId);
  }
}

/** A priority changes with time alone, and is no news. */
function contentOf(record: JobRecord): string {
  return hash('sha1', JSON.stringify({ ...record, priority: null }), 'base64');
}
