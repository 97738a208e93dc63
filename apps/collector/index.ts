/** Reading clusters into the database, for whoever runs it: a process of its own, or a command. */
export { checkCluster } from './check-cluster.js';
export { configuredClusters } from './configured-clusters.js';
export type { OnceReport } from './collector.js';
export { withCollector } from './with-collector.js';
