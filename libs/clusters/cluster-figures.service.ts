import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import {
  clusterAge,
  clusterInterval,
  clusterObserved,
  clusterStale,
  collectorCycles,
  collectorFailures,
  collectorReadings,
  collectorReadingSeconds,
  collectorRecords,
  collectorSkipped,
  consecutiveFailures,
  Figures,
  type FigureSource,
  type Row,
  setCounts,
  setRows,
  vanishedJobs,
} from '#libs/metrics';
import { Cluster, READING_KINDS, type Totals } from './cluster.schema.js';
import { isStale } from './freshness-headers.js';

/** More than a lab has ever had. */
const MOST_CLUSTERS = 200;

/** Shows for metrics what the collector has noted of the clusters that are configured. */
@Injectable()
export class ClusterFigures implements FigureSource {
  readonly name = 'clusters';

  constructor(
    @InjectModel(Cluster.name) private readonly clusters: Model<Cluster>,
    private readonly calls: DatabaseCalls,
    figures: Figures,
  ) {
    figures.add(this);
  }

  async refresh(): Promise<void> {
    const found = await this.calls.run(() =>
      this.clusters.find({ configured: true }).sort({ name: 1 }).limit(MOST_CLUSTERS).lean(),
    );
    show(found, Date.now());
  }

  clear(): void {
    show([], 0);
  }
}

function show(clusters: readonly Cluster[], now: number): void {
  const each = (value: (cluster: Cluster) => number): Row[] =>
    clusters.map((cluster) => ({ labels: { cluster: cluster.name }, value: value(cluster) }));
  setCounts(
    collectorCycles,
    each(({ totals }) => totals?.cycles ?? 0),
  );
  setCounts(collectorReadings, totalsOf(clusters, 'readings'));
  setCounts(collectorReadingSeconds, totalsOf(clusters, 'asked_ms').map(inSeconds));
  setCounts(collectorRecords, totalsOf(clusters, 'records'));
  setCounts(collectorSkipped, totalsOf(clusters, 'skipped'));
  setCounts(collectorFailures, totalsOf(clusters, 'failures'));
  setRows(
    clusterInterval,
    each(({ interval_ms }) => interval_ms / 1000),
  );
  setRows(
    vanishedJobs,
    each(({ waiting }) => waiting),
  );
  setRows(
    clusterStale,
    each((cluster) => Number(isClusterStale(cluster, now))),
  );
  const observed = clusters.flatMap(observations);
  setRows(clusterObserved, observed.map(inSeconds));
  setRows(
    clusterAge,
    observed.map(({ labels, value }) => inSeconds({ labels, value: Math.max(0, now - value) })),
  );
  setRows(
    consecutiveFailures,
    clusters.flatMap(({ name, failures }) =>
      Object.entries(failures).map(([what, { consecutive }]) => ({
        labels: { cluster: name, what },
        value: consecutive,
      })),
    ),
  );
}

/** With a zero for what has not come about yet, so that its first time shows as an increase. */
function totalsOf(clusters: readonly Cluster[], kind: Exclude<keyof Totals, 'cycles'>): Row[] {
  const kinds = kind === 'failures' ? [...READING_KINDS, 'write' as const] : READING_KINDS;
  return clusters.flatMap(({ name, totals }) => {
    const counted: Readonly<Record<string, number>> = totals?.[kind] ?? {};
    return kinds.map((what) => ({ labels: { cluster: name, what }, value: counted[what] ?? 0 }));
  });
}

/** When each kind of question was last answered whole, in milliseconds since 1970. */
function observations(cluster: Cluster): Row[] {
  return READING_KINDS.flatMap((what) => {
    const reading = cluster[what];
    return reading === null ? [] : [{ labels: { cluster: cluster.name, what }, value: reading.observed_at.getTime() }];
  });
}

function isClusterStale({ jobs, nodes, interval_ms }: Cluster, now: number): boolean {
  if (jobs === null || nodes === null) return true;
  return isStale(Math.min(jobs.observed_at.getTime(), nodes.observed_at.getTime()), interval_ms, now);
}

function inSeconds({ labels, value }: Row): Row {
  return { labels, value: value / 1000 };
}
