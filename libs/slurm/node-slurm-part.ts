import type { NodeRecord } from './node-record.js';
import type { ClusterDescription, SlurmValue } from './slurm-part.js';

/**
 * The node's `slurm` dict: first the fields of the REST documentation's examples in their order (`memory` is a text there), then
 * further ones. Every field is always there. What changes from minute to minute on an idle node (load, free memory) is left out:
 * a dict that does not change is not written.
 */
export function nodeToSlurmPart(record: NodeRecord, cluster: ClusterDescription): Record<string, SlurmValue> {
  return {
    name: record.name,
    arch: record.arch,
    features: record.features,
    gres: record.gres,
    addr: record.addr,
    memory: record.memory === null ? null : String(record.memory),
    state: record.state,
    cfg_tres: record.cfgTres,
    alloc_tres: record.allocTres,
    comment: record.comment,
    cluster_name: cluster.name,

    reason: record.reason,
    partitions: [...record.partitions],
    gres_used: record.gresUsed,
    cpus: record.cpus,
    alloc_cpus: record.allocCpus,
    alloc_memory: record.allocMemory,
  };
}
