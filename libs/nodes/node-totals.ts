import type { Gauge } from 'prom-client';
import type { GpuNames } from '#libs/gpu';
import {
  allocatedCpus,
  allocatedGpus,
  boundedLabels,
  clusterCpus,
  clusterNodes,
  downGpus,
  gpus,
  idleGpus,
  setRows,
} from '#libs/metrics';
import { cwOfNode } from './node-gpus.js';
import { nodeUse } from './node-state.js';
import type { ClusterNode, GpuOfNode } from './node.schema.js';

/** What is read of a node. */
export interface FigureNode {
  slurm: {
    cluster_name: string;
    state?: unknown;
    features?: unknown;
    gres_used?: unknown;
    alloc_tres?: unknown;
    cpus?: unknown;
    alloc_cpus?: unknown;
  };
  cw: ClusterNode['cw'];
}

/** What a GPU is called whose type Slurm does not name. */
const UNTYPED = 'unknown';
/** So many keep their names; what there is of others is shown as one. */
const MOST_CLUSTERS = 50;
const MOST_TYPES = 100;

/** Sums by cluster, and by a second label where a gauge has one. */
class Sums {
  private readonly values = new Map<string, { cluster: string; other: string; value: number }>();

  add(cluster: string, other: string, value: number): void {
    const key = JSON.stringify([cluster, other]);
    const known = this.values.get(key);
    if (known === undefined) this.values.set(key, { cluster, other, value });
    else known.value += value;
  }

  /** @param name of the second label; null: there is none */
  show(gauge: Gauge, name: string | null, bounded: { cluster: Bounded; other: Bounded }): void {
    const sums = new Sums();
    for (const { cluster, other, value } of this.values.values()) {
      sums.add(bounded.cluster(cluster), bounded.other(other), value);
    }
    const rows = [...sums.values.values()].map(({ cluster, other, value }) => ({
      labels: name === null ? { cluster } : { cluster, [name]: other },
      value,
    }));
    setRows(gauge, rows);
  }
}

type Bounded = (value: string) => string;

/** Adds up what nodes have and what of it is in use. */
export class NodeTotals {
  private readonly nodes = new Sums();
  private readonly cpus = new Sums();
  private readonly cpusAllocated = new Sums();
  private readonly gpus = new Sums();
  private readonly gpusAllocated = new Sums();
  private readonly gpusIdle = new Sums();
  private readonly gpusDown = new Sums();
  private readonly clusterCounts = new Map<string, number>();
  private readonly typeCounts = new Map<string, number>();

  constructor(private readonly names: GpuNames) {}

  add({ slurm, cw }: FigureNode): void {
    const cluster = slurm.cluster_name;
    const use = nodeUse(slurm.state);
    this.clusterCounts.set(cluster, (this.clusterCounts.get(cluster) ?? 0) + 1);
    this.nodes.add(cluster, use, 1);
    this.cpus.add(cluster, '', numberOf(slurm.cpus));
    this.cpusAllocated.add(cluster, '', numberOf(slurm.alloc_cpus));
    for (const { cw_name, number, allocated } of this.inUse(slurm, listed(cw))) {
      const type = cw_name ?? UNTYPED;
      const isUsable = use !== 'down' && use !== 'drained';
      this.typeCounts.set(type, (this.typeCounts.get(type) ?? 0) + number);
      this.gpus.add(cluster, type, number);
      this.gpusAllocated.add(cluster, type, allocated);
      this.gpusIdle.add(cluster, type, isUsable ? number - allocated : 0);
      this.gpusDown.add(cluster, type, isUsable ? 0 : number - allocated);
    }
  }

  show(): void {
    const cluster = boundedLabels(this.clusterCounts, MOST_CLUSTERS);
    const type = boundedLabels(this.typeCounts, MOST_TYPES);
    const asIs: Bounded = (value) => value;
    this.nodes.show(clusterNodes, 'state', { cluster, other: asIs });
    this.cpus.show(clusterCpus, null, { cluster, other: asIs });
    this.cpusAllocated.show(allocatedCpus, null, { cluster, other: asIs });
    this.gpus.show(gpus, 'gpu', { cluster, other: type });
    this.gpusAllocated.show(allocatedGpus, 'gpu', { cluster, other: type });
    this.gpusIdle.show(idleGpus, 'gpu', { cluster, other: type });
    this.gpusDown.show(downGpus, 'gpu', { cluster, other: type });
  }

  static clear(): void {
    for (const gauge of [clusterNodes, clusterCpus, allocatedCpus, gpus, allocatedGpus, idleGpus, downGpus])
      gauge.reset();
  }

  /**
   * How many GPUs of each of the node's types jobs hold, told as the node's own are: by `gres_used`, with the types in `alloc_tres`
   * where that has none, or by `alloc_tres` alone. Those whose type is not told, or is none that the node has, are taken to be of
   * its types in their order.
   */
  private inUse({ gres_used, alloc_tres, features }: FigureNode['slurm'], has: readonly GpuOfNode[]) {
    const used = listed(cwOfNode({ gres: gres_used, cfg_tres: alloc_tres, features }, this.names));
    const typed = new Map(used.map(({ cw_name, number }) => [cw_name, number]));
    const types = new Set(has.map(({ cw_name }) => cw_name));
    let untyped = used.reduce((sum, { cw_name, number }) => sum + (types.has(cw_name) ? 0 : number), 0);
    return has.map(({ cw_name, number }) => {
      const known = Math.min(typed.get(cw_name) ?? 0, number);
      const more = Math.min(untyped, number - known);
      untyped -= more;
      return { cw_name, number, allocated: known + more };
    });
  }
}

function listed({ gpu, gpus: several }: ClusterNode['cw']): readonly GpuOfNode[] {
  return several ?? (gpu === undefined ? [] : [gpu]);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
