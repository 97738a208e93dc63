import type { ClusterConfiguration } from '#libs/clusters';
import type { JobWriteOutcome, JobWriter, LiveJobs } from '#libs/jobs';
import type { JobRecord, SlurmSource, SourceReading } from '#libs/slurm';
import { JobBatches, type WriteTerms } from './job-batches.js';
import { isJobLeftOut } from './left-out.js';
import { withinPatience } from './patience.js';
import { SeenJobs } from './seen-jobs.js';

export interface JobsRead {
  reading: SourceReading;
  written: Record<JobWriteOutcome, number>;
  /** Jobs that it showed no more, and that it should have. */
  vanished: number;
  /** Jobs that it did not show, from which nothing follows: whether they have ended is for accounting to say. */
  unshown: string[];
}

/** So many are asked after where a reading shows none at all. */
const MOST_UNSHOWN = 2_000;

/**
 * Reads a cluster's jobs, writes what is new, and marks those that it shows no more. A reading that breaks off marks none:
 * it never gets to that. One without a single job marks none either, unless all since a good while were so: a Slurm that
 * cannot ask its own daemons has been seen to say just that. But a cluster does run empty, and accounting may tell.
 */
export class JobsReading {
  private readonly seen = new SeenJobs();
  private emptySince: number | null = null;

  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly source: SlurmSource,
    private readonly writer: JobWriter,
    private readonly live: LiveJobs,
  ) {}

  async run(terms: WriteTerms, signal: AbortSignal): Promise<JobsRead> {
    const { leaveOut } = this.cluster;
    this.seen.beginReading(performance.now());
    const shown = new Set<string>();
    const batches = new JobBatches(this.writer, this.cluster, 'controller', terms, {
      written: (records) => {
        for (const record of records) this.seen.remember(record);
      },
    });
    const take = async (records: readonly JobRecord[]): Promise<void> => {
      for (const record of records) {
        shown.add(record.jobId);
        if (!isJobLeftOut(record, leaveOut) && this.seen.isNew(record)) await batches.add(record);
      }
    };
    const reading = await this.source.jobs(take, signal, {
      isKnown: (digest) => {
        const jobId = this.seen.jobOfText(digest);
        if (jobId !== undefined) shown.add(jobId);
        return jobId !== undefined;
      },
      read: (record, digest) => {
        this.seen.noteText(record, digest);
      },
    });
    await batches.flush();

    // A record that could not be read may be any job's, where it does not say whose in the one way that Slurm has.
    const ids = reading.skipped.flatMap(({ id }) => (id !== null && /^\d+$/.test(id) ? [id] : []));
    for (const id of ids) shown.add(id);
    const tellsAll = reading.skippedCount === ids.length;
    const told = { reading, written: batches.counts, vanished: 0, unshown: [] };
    if (!tellsAll) return told;
    if (!this.isCredible(shown.size, reading.observedAt)) {
      return { ...told, unshown: await withinPatience(this.someLive()) };
    }
    return { ...told, vanished: await withinPatience(this.markMissed(shown, new Date(reading.observedAt), terms)) };
  }

  /** To be called where others may have written since the last reading. */
  forget(): void {
    this.seen.forgetAll();
  }

  private async someLive(): Promise<string[]> {
    const live: string[] = [];
    for await (const ids of this.live.idsOf(this.cluster.name)) {
      live.push(...ids);
      if (live.length >= MOST_UNSHOWN) break;
    }
    return live.slice(0, MOST_UNSHOWN);
  }

  private async markMissed(shown: ReadonlySet<string>, observedAt: Date, terms: WriteTerms): Promise<number> {
    let marked = 0;
    for await (const ids of this.live.idsOf(this.cluster.name)) {
      const gone = ids.filter((id) => !shown.has(id));
      if (gone.length === 0) continue;
      terms.mayWrite();
      marked += await this.live.missed(this.cluster.name, gone, observedAt);
      for (const id of gone) this.seen.forget(id);
    }
    return marked;
  }

  private isCredible(jobs: number, observedAt: number): boolean {
    if (jobs > 0) {
      this.emptySince = null;
      return true;
    }
    this.emptySince ??= observedAt;
    return observedAt - this.emptySince >= this.cluster.unknownAfterMs;
  }
}
