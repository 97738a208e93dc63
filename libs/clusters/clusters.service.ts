import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { type Caller, visibleClusters } from '#libs/auth';
import { DatabaseCalls } from '#libs/database';
import { Cluster, type WholeReading, type WorkKind } from './cluster.schema.js';
import type { ClustersListQuery } from './clusters.queries.js';
import { isStale } from './freshness-headers.js';

const MOST_CLUSTERS = 1_000;

/** Shows how it stands with the reading of the clusters. */
@Injectable()
export class ClustersService {
  constructor(
    @InjectModel(Cluster.name) private readonly clusters: Model<Cluster>,
    private readonly calls: DatabaseCalls,
  ) {}

  /** Those that the caller may see and asks for, by name, as JSON. */
  async list(caller: Caller, { cluster_name }: ClustersListQuery): Promise<Buffer> {
    const names = visibleClusters(caller, cluster_name);
    const filter = names === null ? {} : { name: { $in: names } };
    const found = await this.calls.run(() => this.clusters.find(filter).sort({ name: 1 }).limit(MOST_CLUSTERS).lean());
    const now = Date.now();
    return Buffer.from(JSON.stringify(found.map((cluster) => shown(cluster, caller, now))));
  }
}

/** Where a cluster is reached, and what its Slurm said of a failure, may name hosts and paths: for admins alone. */
function shown(cluster: Cluster, { admin }: Caller, now: number): object {
  const { jobs, nodes } = cluster;
  const observedAt =
    jobs === null || nodes === null ? null : Math.min(jobs.observed_at.getTime(), nodes.observed_at.getTime());
  const accounting = reading(cluster.accounting);
  return {
    name: cluster.name,
    configured: cluster.configured,
    account_kind: cluster.account_kind,
    time_zone: cluster.time_zone,
    interval: seconds(cluster.interval_ms),
    ...(admin ? { source: cluster.source } : {}),
    slurm_version: cluster.slurm_version,
    observed_at: observedAt === null ? null : new Date(observedAt),
    stale: observedAt === null || isStale(observedAt, cluster.interval_ms, now),
    jobs: reading(jobs),
    nodes: reading(nodes),
    accounting: accounting === null ? null : { ...accounting, swept_until: cluster.swept_until },
    failures: failures(cluster, admin),
    waiting: cluster.waiting,
    next_at: cluster.next_at,
  };
}

function reading(whole: WholeReading | null): object | null {
  if (whole === null) return null;
  const { observed_at, duration_ms, records, skipped } = whole;
  return { observed_at, duration: seconds(duration_ms), records, skipped };
}

/** The oldest first. */
function failures(cluster: Cluster, withMessages: boolean): object[] {
  return Object.entries(cluster.failures)
    .toSorted(([, a], [, b]) => a.since.getTime() - b.since.getTime())
    .map(([what, { message, ...failure }]) => ({
      what: what as WorkKind,
      kind: failure.kind,
      since: failure.since,
      at: failure.at,
      consecutive: failure.consecutive,
      ...(withMessages ? { message } : {}),
    }));
}

function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
