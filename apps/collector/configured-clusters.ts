import { type ClusterConfiguration, readClustersFile } from '#libs/clusters';
import { type Configuration, ConfigurationError } from '#libs/common';

/** @throws ConfigurationError where no file is named, or with all that is wrong in it */
export function configuredClusters({ clustersFile }: Configuration): Promise<ClusterConfiguration[]> {
  if (clustersFile !== undefined) return readClustersFile(clustersFile);
  throw new ConfigurationError([
    'CLOCKWORK_CLUSTERS is not set; it takes the path of the YAML file that describes the clusters (docs/clusters.md).',
  ]);
}
