import { type FieldError, isFieldError } from '#libs/common';
import type { ClusterConfiguration } from '#libs/clusters';
import { type JobInput, jobInput } from '#libs/jobs';
import { fromPlainJson, type JsonObject } from '#libs/json';
import { nodeSlurmPart } from '#libs/nodes';
import { type JobRecord, jobToSlurmPart, type NodeRecord, nodeToSlurmPart } from '#libs/slurm';

type Cluster = Pick<ClusterConfiguration, 'name' | 'accountKind' | 'timeZone'>;

/** A job as it is stored, or what is wrong with it. */
export function inputOf(record: JobRecord, cluster: Cluster): JobInput | FieldError {
  const input = jobInput(new Map([['slurm', fromPlainJson(jobToSlurmPart(record, cluster))]]));
  if (isFieldError(input)) return input;
  return { ...input, identity: { databaseIndex: record.databaseIndex, sluid: record.sluid } };
}

/** A node's `slurm` part, or what is wrong with it. */
export function nodePartOf(record: NodeRecord, cluster: Cluster): JsonObject | FieldError {
  return nodeSlurmPart(new Map([['slurm', fromPlainJson(nodeToSlurmPart(record, cluster))]]));
}
