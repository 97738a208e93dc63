import type { ClusterConfiguration } from '#libs/clusters';
import type { JobWriter, LiveJobs } from '#libs/jobs';
import type { JobRecord, SlurmSource, SourceReading } from '#libs/slurm';
import { readAccounting } from './accounting-reading.js';
import { JobBatches, type WriteTerms } from './job-batches.js';
import { isJobLeftOut } from './left-out.js';
import { withinPatience } from './patience.js';

/** Ids in one question, which stand on a command line. */
const MOST_IDS = 500;
/** Questions in one cycle: after an outage the rest waits for the next. */
const MOST_QUESTIONS = 4;
/** Jobs that have vanished are looked at up to this number at once; the longest gone come first. */
const MOST_VANISHED = 20_000;
/** Accounting that does not know a job's end yet is asked again after a cycle, then two, four … but at least so often. */
const LONGEST_WAIT_MS = 10 * 60_000;
/** By so much no clock is drawn right; it was set, or the machine has slept. */
const CLOCK_JUMP_MS = 10_000;

interface Asked {
  times: number;
  /** By `performance.now()`. */
  again: number;
}

/** Asks accounting what became of the jobs that slurmctld no longer shows. */
export class VanishedJobs {
  private asked = new Map<string, Asked>();
  private readonly unclear = new Set<string>();
  private clockOffset = clockOffset();
  /** By `performance.now()`. */
  private giveUpFrom = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly source: SlurmSource,
    private readonly writer: JobWriter,
    private readonly live: LiveJobs,
  ) {}

  /** To be asked after too, marked or not: an answer that has all runs of a job tells whether and how the one on file has ended. */
  askAfter(jobId: string): void {
    if (this.unclear.size < MOST_VANISHED) this.unclear.add(jobId);
  }

  /** How many jobs there are whose end accounting has not told yet. */
  async waiting(): Promise<number> {
    return withinPatience(this.live.vanishedCount(this.cluster.name, MOST_VANISHED));
  }

  /** @returns the answers */
  async run(terms: WriteTerms, signal: AbortSignal): Promise<SourceReading[]> {
    const readings: SourceReading[] = [];
    try {
      const due = await this.due();
      for (let from = 0; from < due.length && readings.length < MOST_QUESTIONS; from += MOST_IDS) {
        readings.push(await this.ask(due.slice(from, from + MOST_IDS), terms, signal));
      }
    } finally {
      // Also where accounting does not answer, or there is none.
      terms.mayWrite();
      await this.giveUp();
    }
    return readings;
  }

  /** When a job vanished was noted by the clock on the wall: after that has jumped, all are given their time anew. */
  private async giveUp(): Promise<void> {
    const { name, unknownAfterMs } = this.cluster;
    const offset = clockOffset();
    if (Math.abs(offset - this.clockOffset) > CLOCK_JUMP_MS) this.giveUpFrom = performance.now() + unknownAfterMs;
    this.clockOffset = offset;
    if (performance.now() < this.giveUpFrom) return;
    await withinPatience(this.live.giveUp(name, new Date(Date.now() - unknownAfterMs)));
  }

  private async vanished(): Promise<Set<string>> {
    const found = await withinPatience(this.live.vanished(this.cluster.name, MOST_VANISHED));
    return new Set(found.map(({ jobId }) => jobId));
  }

  private async due(): Promise<string[]> {
    const now = performance.now();
    const vanished = await this.vanished();
    // What has not vanished any more is forgotten.
    this.asked = new Map([...this.asked].filter(([id]) => vanished.has(id)));
    const due = [...vanished].filter((id) => (this.asked.get(id)?.again ?? 0) <= now);
    // Those that were asked for in vain must not keep the others from their turn.
    const byTimes = due.toSorted((a, b) => (this.asked.get(a)?.times ?? 0) - (this.asked.get(b)?.times ?? 0));
    return [...new Set([...byTimes, ...this.unclear])];
  }

  private async ask(jobIds: readonly string[], terms: WriteTerms, signal: AbortSignal): Promise<SourceReading> {
    const batches = new JobBatches(this.writer, this.cluster, 'accounting', terms);
    const wanted = new Set(jobIds);
    // An array's id brings its tasks along.
    const isKept = (job: JobRecord) => wanted.has(job.jobId) && !isJobLeftOut(job, this.cluster.leaveOut);
    const reading = await readAccounting(this.source, { jobIds }, batches, isKept, signal);
    const now = performance.now();
    for (const id of jobIds) {
      this.unclear.delete(id);
      const times = (this.asked.get(id)?.times ?? 0) + 1;
      const wait = Math.min(this.cluster.intervalMs * 2 ** Math.min(times - 1, 20), LONGEST_WAIT_MS);
      this.asked.set(id, { times, again: now + wait - this.cluster.intervalMs / 2 });
    }
    return reading;
  }
}

/** What the clock on the wall shows beyond the one that nobody sets. */
function clockOffset(): number {
  return Date.now() - performance.now();
}
