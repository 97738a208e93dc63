import type { Logger } from 'pino';
import type { ClusterConfiguration, ClusterStates, ReadingKind } from '#libs/clusters';
import type { JobWriter, LiveJobs } from '#libs/jobs';
import type { NodesService } from '#libs/nodes';
import { SourceError, type SlurmSource, type SourceReading } from '#libs/slurm';
import { AccountingSweep } from './accounting-sweep.js';
import type { WriteTerms } from './job-batches.js';
import { JobsReading } from './jobs-reading.js';
import { LeaseLost } from './lease-keeper.js';
import { readNodes } from './nodes-reading.js';
import { nextCycleIn } from './pace.js';
import { SkippedRecords } from './skipped-records.js';
import { VanishedJobs } from './vanished-jobs.js';

/** What a cycle needs of the libraries. */
export interface CycleServices {
  writer: JobWriter;
  live: LiveJobs;
  nodes: NodesService;
  states: ClusterStates;
  logger: Logger;
}

/** What came of one cycle, for whoever watches. */
export interface CycleReport {
  cluster: string;
  /** How long slurmctld took over its answers, those that failed too. */
  askedMs: number;
  jobs: Readonly<Record<string, number>> | null;
  nodes: Readonly<Record<string, number>> | null;
  /** Jobs whose end accounting has not told yet. */
  waiting: number;
  /** `kind`: that of a SourceError, else `database`. */
  failures: { part: ReadingKind; kind: string; message: string }[];
}

/** Reads one cluster, again and again. Its parts fail on their own: a slurmdbd that is down delays no job. */
export class ClusterCycle {
  private readonly jobs: JobsReading;
  private readonly vanished: VanishedJobs;
  private readonly sweep: AccountingSweep;
  private readonly skipped: SkippedRecords;
  private hasAccounting = true;
  private accountingFailures = 0;
  /** By `performance.now()`. */
  private accountingFrom = 0;
  /** What was last logged of a part that fails: the same again is not. */
  private readonly failing = new Map<ReadingKind, string>();
  /** Parts of which this process has told that they go well: what an earlier one wrote of them holds no more. */
  private readonly well = new Set<ReadingKind>();

  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly source: SlurmSource,
    private readonly services: CycleServices,
  ) {
    const { writer, live, states, logger } = services;
    this.jobs = new JobsReading(cluster, source, writer, live);
    this.vanished = new VanishedJobs(cluster, source, writer, live);
    this.sweep = new AccountingSweep(cluster, source, writer, states);
    this.skipped = new SkippedRecords(cluster.name, logger);
  }

  /** To be called before the first cycle after another process may have read the cluster. */
  begin(): void {
    this.jobs.forget();
    this.well.clear();
  }

  /**
   * @param mayWrite throws where another process has taken over the cluster
   * @throws LeaseLost, and what `signal` was aborted with; everything else is in the report
   */
  async run(mayWrite: () => void, signal: AbortSignal): Promise<CycleReport> {
    const report: CycleReport = {
      cluster: this.cluster.name,
      askedMs: 0,
      jobs: null,
      nodes: null,
      waiting: 0,
      failures: [],
    };
    const cycle = { isOver: false };
    const terms = {
      mayWrite: () => {
        if (cycle.isOver) throw new LeaseLost(`this cycle of ${this.cluster.name} was given up`);
        mayWrite();
      },
    };
    try {
      await this.runParts(report, terms, signal);
    } finally {
      cycle.isOver = true;
    }
    return report;
  }

  private async runParts(
    report: CycleReport,
    { mayWrite }: Pick<WriteTerms, 'mayWrite'>,
    signal: AbortSignal,
  ): Promise<void> {
    const refused = { jobs: 0, nodes: 0, accounting: 0 };
    const terms = (part: ReadingKind): WriteTerms => ({
      mayWrite,
      refuse: (id, field, reason) => {
        refused[part] += 1;
        this.skipped.refused(part, id, field, reason);
      },
    });
    await this.part('jobs', report, signal, async () => {
      await this.sweep.begin();
      const { reading, written, vanished, unshown } = await this.jobs.run(terms('jobs'), signal);
      const skipped = reading.skippedCount + refused.jobs;
      report.jobs = { read: reading.records, skipped, ...written, vanished };
      for (const jobId of unshown) this.vanished.askAfter(jobId);
      report.askedMs += reading.milliseconds;
      await this.readWhole('jobs', reading, skipped);
      this.sweep.jobsRead(reading.observedAt);
    });
    if (report.failures.length > 0) this.sweep.jobsFailed();
    // Who does not answer one question would only be held up by the next.
    if (report.failures.length === 0) {
      await this.part('nodes', report, signal, async () => {
        const { reading, written } = await readNodes(
          this.cluster,
          this.source,
          this.services.nodes,
          terms('nodes'),
          signal,
        );
        const skipped = reading.skippedCount + refused.nodes;
        report.nodes = { read: reading.records, skipped, ...written };
        report.askedMs += reading.milliseconds;
        await this.readWhole('nodes', reading, skipped);
      });
    }
    if (performance.now() >= this.accountingFrom) {
      const begun = performance.now();
      let askedMs: number | null = null;
      await this.part('accounting', report, signal, async () => {
        askedMs = await this.askAccounting(terms('accounting'), signal);
      });
      this.planAccounting(begun, askedMs);
    }
    // Also where accounting was not asked, or did not answer. That the database does not has been told by then.
    report.waiting = await this.vanished.waiting().catch(() => 0);
  }

  /** One that is slow or does not answer must not hold up each cycle for as long as a question may take. */
  private planAccounting(begun: number, askedMs: number | null): void {
    const hasFailed = askedMs === null;
    this.accountingFailures = hasFailed ? this.accountingFailures + 1 : 0;
    const times = { askedMs: askedMs ?? performance.now() - begun, failures: this.accountingFailures };
    this.accountingFrom = begun + nextCycleIn(hasFailed ? this.cluster.intervalMs : 0, times, Math.random());
  }

  /** @returns how long it took over its answers */
  private async askAccounting(terms: WriteTerms, signal: AbortSignal): Promise<number> {
    try {
      const readings = await this.vanished.run(terms, signal);
      const swept = await this.sweep.run(
        terms,
        (jobId) => {
          this.vanished.askAfter(jobId);
        },
        signal,
      );
      const last = swept ?? readings.at(-1);
      if (last !== undefined) await this.readWhole('accounting', last, last.skippedCount);
      this.hasAccounting = true;
      return [...readings, swept].reduce((sum, reading) => sum + (reading?.milliseconds ?? 0), 0);
    } catch (error) {
      // A cluster without accounting is none that fails.
      if (!(error instanceof SourceError) || error.kind !== 'no_accounting') throw error;
      if (this.hasAccounting) this.services.logger.warn({ cluster: this.cluster.name }, error.message);
      this.hasAccounting = false;
      return 0;
    }
  }

  /** @param skippedCount those too that could be read and not stored */
  private async readWhole(part: ReadingKind, reading: SourceReading, skippedCount: number): Promise<void> {
    this.skipped.unreadable(part, reading);
    await this.services.states.readWhole(this.cluster.name, part, { ...reading, skippedCount });
  }

  private async part(
    part: ReadingKind,
    report: CycleReport,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    const begun = performance.now();
    try {
      await work();
      await this.noteSuccess(part);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      const kind = error instanceof SourceError ? error.kind : 'database';
      report.failures.push({ part, kind, message });
      // What the database took over it says nothing of Slurm.
      if (part !== 'accounting' && error instanceof SourceError) report.askedMs += performance.now() - begun;
      await this.noteFailure(part, error);
    }
  }

  /** Where the database is what failed, there is nowhere to write it down. */
  private async noteFailure(part: ReadingKind, error: unknown): Promise<void> {
    const { states, logger } = this.services;
    this.well.delete(part);
    const what = error instanceof SourceError ? part : 'write';
    const kind = error instanceof SourceError ? error.kind : 'database';
    const message = error instanceof Error ? error.message : String(error);
    await states.failed(this.cluster.name, what, { kind, message }).catch(() => undefined);
    if (this.failing.get(part) === message) return;
    this.failing.set(part, message);
    // What a cluster did says it all; for anything else it takes the stack to find out.
    const told = error instanceof SourceError ? { reason: message } : { err: error };
    logger.warn({ cluster: this.cluster.name, part, kind, ...told }, 'a cluster could not be read');
  }

  private async noteSuccess(part: ReadingKind): Promise<void> {
    const { states, logger } = this.services;
    if (this.well.has(part)) return;
    await states.succeeded(this.cluster.name, part);
    await states.succeeded(this.cluster.name, 'write');
    this.well.add(part);
    if (!this.failing.delete(part)) return;
    logger.info({ cluster: this.cluster.name, part }, 'a cluster is read again');
  }
}
