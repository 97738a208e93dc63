import { Injectable } from '@nestjs/common';
import { ClusterLeases, ClusterStates } from '#libs/clusters';
import { DatabaseProbe } from '#libs/database';
import { clusterHealth, leaseHealth } from './cluster-health.js';
import { databaseHealth } from './database-health.js';
import { lookAtDisk } from './disk-health.js';
import { type Finding, type HealthPart, type HealthReport, overallOf, PARTS } from './health-part.js';
import { processHealth } from './process-health.js';
import type { ProcessRecord } from './process-record.schema.js';
import { ProcessRecords } from './process-records.service.js';
import { StatusHistory } from './status-history.js';
import { ThisProcess } from './this-process.js';
import { MOST_LOOKING_MS, within } from './within.js';

/** How all parts are, for administrators. */
@Injectable()
export class HealthService {
  private readonly history = new StatusHistory();
  private looking: Promise<HealthReport> | null = null;

  constructor(
    private readonly probe: DatabaseProbe,
    private readonly states: ClusterStates,
    private readonly leases: ClusterLeases,
    private readonly records: ProcessRecords,
    private readonly self: ThisProcess,
  ) {}

  /** Within two seconds, whatever hangs. Who asks while a look is under way gets what it finds. */
  look(): Promise<HealthReport> {
    this.looking ??= this.lookAnew().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async lookAnew(): Promise<HealthReport> {
    const { dataDir } = this.probe;
    const [answer, known, disk] = await Promise.all([
      within(MOST_LOOKING_MS, () => this.probe.ask()),
      within(MOST_LOOKING_MS, () => Promise.all([this.states.list(), this.leases.list(), this.records.list()])),
      dataDir === null ? null : lookAtDisk(dataDir),
    ]);
    const now = new Date();
    const serverNow = answer instanceof Error ? now : answer.now;
    const [clusters, leases, records] = known instanceof Error ? [[], [], []] : known;
    const others = records.filter(({ _id }) => _id !== this.self.introduction?._id);
    const findings: Finding[] = [
      databaseHealth(this.probe, answer),
      ...(disk === null ? [] : [disk]),
      ...(known instanceof Error ? [CLUSTERS_UNKNOWN] : []),
      ...clusters.flatMap((cluster) => {
        const found = clusterHealth(cluster, now);
        if (!cluster.configured) return [found];
        const lease = leases.find(({ cluster: name }) => name === cluster.name);
        return [found, leaseHealth(cluster, lease, serverNow, found.status === 'failing')];
      }),
      ...this.processes(others, serverNow, known instanceof Error),
      ...this.self.findings(),
    ];
    const parts = this.history.note(
      findings,
      others.flatMap(({ shared, own }) => [...shared, ...own]),
      now,
    );
    return { status: overallOf(parts), checked_at: now, parts: parts.toSorted(inOrder) };
  }

  private processes(others: readonly ProcessRecord[], serverNow: Date, areUnknown: boolean): Finding[] {
    const { introduction } = this.self;
    const own =
      introduction === null
        ? []
        : [{ ...introduction, seen_at: serverNow, expires_at: serverNow, own: [], shared: [] }];
    // Without the database nobody knows of the others; that is told of the database.
    return areUnknown && own.length === 0 ? [] : processHealth([...own, ...others], serverNow);
  }
}

const CLUSTERS_UNKNOWN: Finding = {
  part: 'cluster',
  about: null,
  status: 'unknown',
  message: 'How the clusters are read is in the database, which does not tell.',
  advice: 'Heal the database first.',
  measured: {},
};

function inOrder(one: HealthPart, other: HealthPart): number {
  return PARTS.indexOf(one.part) - PARTS.indexOf(other.part) || (one.about ?? '').localeCompare(other.about ?? '');
}
