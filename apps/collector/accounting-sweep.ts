import type { ClusterConfiguration, ClusterStates } from '#libs/clusters';
import type { JobWriter } from '#libs/jobs';
import type { SlurmSource, SourceReading } from '#libs/slurm';
import { JobBatches, type WriteTerms } from './job-batches.js';
import { isJobLeftOut } from './left-out.js';
import { RestartCounts } from './restart-counts.js';

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

/**
 * Goes through what accounting has of the last days, once a day: jobs that came and went between two readings, and whatever
 * was missed while nobody read, however long that was. One step a cycle, so that it holds up no reading; how far it has come
 * is kept in the database, so that whoever reads the cluster next goes on from there.
 */
export class AccountingSweep {
  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly source: SlurmSource,
    private readonly writer: JobWriter,
    private readonly states: ClusterStates,
  ) {}

  /** @returns null where nothing is due */
  async step(terms: WriteTerms, unclear: (jobId: string) => void, signal: AbortSignal): Promise<SourceReading | null> {
    const { name } = this.cluster;
    const now = Date.now();
    const { until: known, at: reached } = await this.states.sweep(name);
    // A clock that was ahead, and is no longer, must neither stop it nor keep it going.
    const until = known === null ? null : Math.min(known, now);
    const at = reached === null || reached > now ? null : reached;
    if (at === null && known !== null && known === until && now - known < EVERY_MS) return null;

    const from = at ?? (until === null ? now - FIRST_MS : until - OVERLAP_MS);
    const to = Math.min(from + STEP_MS, now);
    const reading = await this.read(from, to, terms, unclear, signal);
    terms.mayWrite();
    await this.states.setSweep(name, { until: Math.max(to, until ?? to), at: to < now ? to : null });
    return reading;
  }

  private async read(
    from: number,
    to: number,
    terms: WriteTerms,
    unclear: (jobId: string) => void,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const restarts = new RestartCounts(false);
    const batches = new JobBatches(this.writer, this.cluster, 'accounting', terms, { unclear });
    const window = { from: Math.floor(from / 1000), to: Math.ceil(to / 1000) };
    const reading = await this.source.accounting(
      window,
      async (records) => {
        for (const record of records) {
          if (!isJobLeftOut(record, this.cluster.leaveOut)) await batches.add(restarts.told(record));
        }
      },
      signal,
    );
    await batches.flush();
    return reading;
  }
}
