import type { ClusterConfiguration, ClusterStates, SweepProgress } from '#libs/clusters';
import type { JobWriter } from '#libs/jobs';
import type { JobRecord, SlurmSource, SourceReading } from '#libs/slurm';
import { readAccounting } from './accounting-reading.js';
import { JobBatches, type WriteTerms } from './job-batches.js';
import { isJobLeftOut } from './left-out.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How often accounting is gone through. */
const EVERY_MS = DAY_MS;
/** So much of what was gone through before is gone through again: accounting may come to know of an end late. */
const OVERLAP_MS = 2 * DAY_MS;
/** The first time. */
const FIRST_MS = 7 * DAY_MS;
/** Of one question: a large site ends a million jobs a day. */
const STEP_MS = 6 * HOUR_MS;
/** In one cycle steps follow each other for this part of its interval: they hold up the next reading. */
const SHARE = 0.2;
/** Shorter than this, in intervals, nobody fails to read who only misses a cycle. */
const GAP_INTERVALS = 2;
/** Accounting may have come to know a little late of what happened at the beginning of a gap. */
const GAP_OVERLAP_MS = 10 * 60_000;

/**
 * Goes through what accounting has of the last days, once a day: jobs that came and went between two readings, and whatever
 * was missed while nobody read, however long that was. What nobody has read just now is gone through at once. A few steps a
 * cycle, so that it holds up no reading; how far the daily pass has come is kept in the database, so that whoever reads the
 * cluster next goes on from there.
 */
export class AccountingSweep {
  /** Up to where the pass that is under way has come; null: none is. */
  private at: number | null = null;
  private isDaily = false;
  private readUntil: number | null = null;
  private isInterrupted = true;
  private unreadSince: number | null = null;

  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly source: SlurmSource,
    private readonly writer: JobWriter,
    private readonly states: ClusterStates,
  ) {}

  /** To be called before jobs are read for the first time. */
  async begin(): Promise<void> {
    this.readUntil ??= await this.states.jobsReadAt(this.cluster.name);
  }

  jobsFailed(): void {
    this.isInterrupted = true;
  }

  /** The jobs were read whole. @param at milliseconds since 1970 */
  jobsRead(at: number): void {
    const before = this.readUntil;
    if (this.isInterrupted && before !== null && at - before > GAP_INTERVALS * this.cluster.intervalMs) {
      this.unreadSince = Math.min(this.unreadSince ?? before, before);
    }
    this.isInterrupted = false;
    this.readUntil = at;
  }

  /** @returns the last answer; null where nothing is due */
  async run(terms: WriteTerms, unclear: (jobId: string) => void, signal: AbortSignal): Promise<SourceReading | null> {
    const begun = performance.now();
    let last: SourceReading | null = null;
    do {
      const reading = await this.step(terms, unclear, signal);
      if (reading === null) break;
      last = reading;
    } while (performance.now() - begun < this.cluster.intervalMs * SHARE);
    return last;
  }

  private async step(
    terms: WriteTerms,
    unclear: (jobId: string) => void,
    signal: AbortSignal,
  ): Promise<SourceReading | null> {
    const now = Date.now();
    const progress = await this.states.sweep(this.cluster.name);
    const begins = this.at ?? this.beginning(progress, now);
    if (begins === null) return null;
    const from = Math.min(begins, now);
    const to = Math.min(from + STEP_MS, now);
    const reading = await this.read(from, to, terms, unclear, signal);
    const at = to < now ? to : null;
    if (this.isDaily) {
      terms.mayWrite();
      const until = Math.max(to, Math.min(progress.until ?? to, now));
      await this.states.setSweep(this.cluster.name, { until, at });
    }
    if (this.at === null) this.unreadSince = null;
    this.at = at;
    return reading;
  }

  /** Where a pass that is due begins; null where none is. */
  private beginning({ until, at }: SweepProgress, now: number): number | null {
    const gap = this.unreadSince === null ? null : this.unreadSince - GAP_OVERLAP_MS;
    // A clock that was ahead, and is no longer, must neither stop it nor keep it going.
    const underWay = at === null || at > now ? null : at;
    this.isDaily = underWay !== null || until === null || until > now || now - until >= EVERY_MS;
    if (!this.isDaily) return gap;
    const daily = underWay ?? (until === null ? now - FIRST_MS : Math.min(until, now) - OVERLAP_MS);
    return Math.min(daily, gap ?? daily);
  }

  private read(
    from: number,
    to: number,
    terms: WriteTerms,
    unclear: (jobId: string) => void,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const batches = new JobBatches(this.writer, this.cluster, 'accounting', terms, { unclear });
    const window = { from: Math.floor(from / 1000), to: Math.ceil(to / 1000) };
    const isKept = (job: JobRecord) => !isJobLeftOut(job, this.cluster.leaveOut);
    return readAccounting(this.source, window, batches, isKept, signal);
  }
}
