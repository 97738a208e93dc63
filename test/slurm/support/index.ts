import { releaseUnderTest } from './releases.ts';
import { SlurmCluster, type SlurmOptions } from './slurm-cluster.ts';

export { DEFAULT_NODES, type NodePlan } from './configuration.ts';
export { rootOf } from './installation.ts';
export { removeLeftovers } from './private-directory.ts';
export { isRelease, type Release, RELEASE_VARIABLE, RELEASES, releaseUnderTest } from './releases.ts';
export { ACCOUNTS, type RestServer, SlurmCluster, type SlurmOptions } from './slurm-cluster.ts';
export type { CommandOptions, CommandResult, Submission } from './slurm-commands.ts';

/** A real Slurm, of the release that this run of the tests is about unless another is named. */
export function startSlurm(options: Partial<SlurmOptions> = {}): Promise<SlurmCluster> {
  return SlurmCluster.start({ release: releaseUnderTest(), ...options });
}
