import { releaseUnderTest } from './releases.ts';
import { SlurmCluster, type SlurmOptions } from './slurm-cluster.ts';

export { rootOf } from './installation.ts';
export { removeLeftovers } from './private-directory.ts';
export { processesOf } from './process-search.ts';
export { RELEASE_VARIABLE, RELEASES, releaseUnderTest } from './releases.ts';
export { getJson } from './rest-request.ts';
export { SlurmCluster };

/** A real Slurm, of the release that this run of the tests is about unless another is named. */
export function startSlurm(options: Partial<SlurmOptions> = {}): Promise<SlurmCluster> {
  return SlurmCluster.start({ release: releaseUnderTest(), ...options });
}
