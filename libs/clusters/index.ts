export type { ClusterConfiguration } from './cluster-configuration.js';
export { ClusterLeases, type HeldLease, type LeaseAnswer } from './cluster-leases.service.js';
export { ClusterStates, type SweepProgress } from './cluster-states.service.js';
export type { Cluster, ReadingKind } from './cluster.schema.js';
export { clustersOf, readClustersFile } from './clusters-file.js';
export { ClustersModule } from './clusters.module.js';
export { FRESHNESS_HEADERS, isStale, staleSince } from './freshness-headers.js';
export { type FoundOne, Freshness, type FreshnessQuestion } from './freshness.service.js';
