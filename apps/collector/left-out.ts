import type { ClusterConfiguration } from '#libs/clusters';
import type { JobRecord, NodeRecord } from '#libs/slurm';

type LeaveOut = ClusterConfiguration['leaveOut'];

/** A job that waits for any of several partitions is left out where all of them are. */
export function isJobLeftOut({ account, partition }: JobRecord, leaveOut: LeaveOut): boolean {
  if (account !== null && leaveOut.accounts.includes(account)) return true;
  return areLeftOut(partition?.split(',') ?? [], leaveOut);
}

export function isNodeLeftOut({ partitions }: NodeRecord, leaveOut: LeaveOut): boolean {
  return areLeftOut(partitions, leaveOut);
}

function areLeftOut(partitions: readonly string[], leaveOut: LeaveOut): boolean {
  return partitions.length > 0 && partitions.every((partition) => leaveOut.partitions.includes(partition));
}
