import type { GpuNames } from '#libs/gpu';
import { gpusOfNode, MOST_GPUS } from './gres.js';
import type { ClusterNode, GpuOfNode } from './node.schema.js';

/** What of a node's `slurm` part tells its GPUs. */
export interface GpuFacts {
  gres?: unknown;
  cfg_tres?: unknown;
  features?: unknown;
}

/**
 * The `cw` part of a node. GPUs whose type neither `gres` nor `cfg_tres` names are of the type that its features name, where
 * they name exactly one.
 */
export function cwOfNode({ gres, cfg_tres, features }: GpuFacts, names: GpuNames): ClusterNode['cw'] {
  const counts = gpusOfNode(text(gres), text(cfg_tres));
  const byFeature = counts.every(({ type }) => type === null) ? featuredGpu(text(features), names) : null;
  // Two of Slurm's types may be one GPU of the catalogue.
  const numbers = new Map<string | null, number>();
  for (const { type, number } of counts) {
    const cwName = type === null ? byFeature : names.keyOfType(type);
    numbers.set(cwName, Math.min((numbers.get(cwName) ?? 0) + number, MOST_GPUS));
  }
  const gpus = [...numbers].map(([cw_name, number]): GpuOfNode => ({ cw_name, number }));
  const [gpu] = gpus;
  if (gpu === undefined) return {};
  return gpus.length === 1 ? { gpu } : { gpu, gpus };
}

function featuredGpu(features: string, names: GpuNames): string | null {
  const found = new Set(features.split(',').flatMap((feature) => names.keyOfFeature(feature.trim()) ?? []));
  const [gpu = null] = found;
  return found.size === 1 ? gpu : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
