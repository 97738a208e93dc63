import { hostname } from 'node:os';
import type { INestApplicationContext } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import type { Logger } from 'pino';
import { type ClusterConfiguration, ClusterLeases, ClusterStates } from '#libs/clusters';
import type { ArchiveConfiguration } from '#libs/common';
import { Heartbeat } from '#libs/health';
import { ArchiveTurns, JobArchiver, JobWriter, LiveJobs } from '#libs/jobs';
import { NodesService } from '#libs/nodes';
import { openSource, type SlurmSource } from '#libs/slurm';
import { ClusterCycle, type CycleReport, type CycleServices } from './cluster-cycle.js';
import { ClusterWorker } from './cluster-worker.js';
import { DailyArchive } from './daily-archive.js';
import { LeaseKeeper } from './lease-keeper.js';

/**
 * The lease holds for an interval, so that another process has taken over within two; no shorter than renewing it may take,
 * and no longer than one would like to wait for a process that was started anew after it was killed.
 */
const SHORTEST_LEASE_MS = 5_000;
const LONGEST_LEASE_MS = 30_000;

/** What came of reading a cluster once, or who else reads it just now. */
export type OnceReport = CycleReport | { cluster: string; readBy: string };

/** Reads clusters into the database: all at once, each at its own pace, none held up by another. */
export class Collector {
  private readonly holder = `${hostname()} ${process.pid} ${new ObjectId().toHexString()}`;
  private readonly services: CycleServices;
  private readonly leases: ClusterLeases;
  private readonly heartbeat: Heartbeat;
  private readonly sources: SlurmSource[] = [];
  private readonly archive: DailyArchive;
  private workers: ClusterWorker[] = [];

  constructor(
    context: INestApplicationContext,
    private readonly clusters: readonly ClusterConfiguration[],
    archiving: ArchiveConfiguration,
    logger: Logger,
  ) {
    this.leases = context.get(ClusterLeases);
    this.heartbeat = context.get(Heartbeat);
    this.services = {
      writer: context.get(JobWriter),
      live: context.get(LiveJobs),
      nodes: context.get(NodesService),
      states: context.get(ClusterStates),
      logger,
    };
    this.archive = new DailyArchive(context.get(JobArchiver), context.get(ArchiveTurns), archiving, logger);
  }

  /**
   * Begins to read, and keeps on.
   * @param areAll whether these are all that are configured: of others it is noted that nobody reads them any more
   */
  async start(areAll: boolean): Promise<void> {
    if (areAll) await this.services.states.removedExcept(this.clusters.map(({ name }) => name));
    this.workers = await Promise.all(
      this.clusters.map(async (cluster) => {
        const { cycle, lease } = await this.open(cluster);
        return new ClusterWorker(cluster, cycle, lease, this.services.states, this.services.logger);
      }),
    );
    for (const worker of this.workers) worker.start();
    this.archive.start();
    this.heartbeat.start('collector', null);
  }

  /** Ends what is being read. What was read until then is written. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers.map((worker) => worker.stop()), this.archive.stop(), this.heartbeat.stop()]);
    await this.closeSources();
  }

  /** Reads each cluster once. */
  async once(signal: AbortSignal): Promise<OnceReport[]> {
    // All of them end before the first failure is told: whoever hears of it closes the database.
    const reports = await Promise.allSettled(this.clusters.map((cluster) => this.readOnce(cluster, signal)));
    await this.closeSources();
    return reports.map((report) => {
      if (report.status === 'rejected') throw report.reason;
      return report.value;
    });
  }

  private async readOnce(cluster: ClusterConfiguration, signal: AbortSignal): Promise<OnceReport> {
    const { cycle, lease } = await this.open(cluster);
    if (!(await lease.take())) return { cluster: cluster.name, readBy: lease.otherHolder ?? 'just ended' };
    try {
      return await cycle.run(() => {
        lease.check();
      }, signal);
    } finally {
      await lease.release().catch(() => undefined);
    }
  }

  private async closeSources(): Promise<void> {
    await Promise.allSettled(this.sources.map((source) => source.close()));
  }

  private async open(cluster: ClusterConfiguration): Promise<{ cycle: ClusterCycle; lease: LeaseKeeper }> {
    const source = openSource(cluster.source, cluster.limits, cluster);
    this.sources.push(source);
    await this.services.states.configured(cluster, source.description);
    const ttlMs = Math.min(Math.max(cluster.intervalMs, SHORTEST_LEASE_MS), LONGEST_LEASE_MS);
    return {
      cycle: new ClusterCycle(cluster, source, this.services),
      lease: new LeaseKeeper(this.leases, cluster.name, this.holder, ttlMs),
    };
  }
}
