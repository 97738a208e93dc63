export type { ClusterConfiguration } from './cluster-configuration.js';
export { ClusterLeases, type LeaseAnswer } from './cluster-leases.service.js';
export { ClusterStates } from './cluster-states.service.js';
export type { ReadingKind } from './cluster.schema.js';
export { clustersOf, readClustersFile } from './clusters-file.js';
export { ClustersModule } from './clusters.module.js';
export { FRESHNESS_HEADERS } from './freshness-headers.js';
export { type FoundOne, Freshness, type FreshnessQuestion } from './freshness.service.js';
