import type { ClusterConfiguration } from '#libs/clusters';

/** A cluster that is described, and that nobody need read. */
export function clusterNamed(name: string, changes: Partial<ClusterConfiguration> = {}): ClusterConfiguration {
  return {
    name,
    accountKind: 'mila',
    timeZone: 'America/Toronto',
    intervalMs: 30_000,
    unknownAfterMs: 3_600_000,
    leaveOut: { partitions: [], accounts: [] },
    source: { kind: 'command', prefix: [], environment: {} },
    limits: { timeLimitMs: 60_000, outputLimitBytes: 1024 ** 3 },
    ...changes,
  };
}

/** A question that was answered whole. */
export function readingAt(observedAt: Date, records = 3) {
  return {
    observedAt: observedAt.getTime(),
    milliseconds: 412,
    bytes: 1000,
    records,
    skippedCount: 1,
    skipped: [],
    slurmVersion: '24.11.5',
    clusterName: null,
  };
}
