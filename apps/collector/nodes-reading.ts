import { isFieldError } from '#libs/common';
import type { ClusterConfiguration } from '#libs/clusters';
import type { JsonObject } from '#libs/json';
import type { NodesService } from '#libs/nodes';
import type { SlurmSource, SourceReading } from '#libs/slurm';
import type { WriteTerms } from './job-batches.js';
import { nodePartOf } from './job-inputs.js';
import { isNodeLeftOut } from './left-out.js';
import { withinPatience } from './patience.js';

const BATCH = 1_000;

export interface NodesRead {
  reading: SourceReading;
  written: { added: number; changed: number; unchanged: number; removed: number };
}

/** Reads a cluster's nodes, writes what changed, and removes those that a whole reading with nodes in it no longer has. */
export async function readNodes(
  cluster: ClusterConfiguration,
  source: SlurmSource,
  nodes: NodesService,
  terms: WriteTerms,
  signal: AbortSignal,
): Promise<NodesRead> {
  const written = { added: 0, changed: 0, unchanged: 0, removed: 0 };
  const names = new Set<string>();
  let parts: JsonObject[] = [];
  const flush = async () => {
    if (parts.length === 0) return;
    terms.mayWrite();
    const { added, changed, unchanged } = await withinPatience(nodes.save(parts));
    parts = [];
    written.added += added;
    written.changed += changed;
    written.unchanged += unchanged;
  };
  const reading = await source.nodes(async (records) => {
    for (const record of records) {
      if (isNodeLeftOut(record, cluster.leaveOut)) continue;
      const part = nodePartOf(record, cluster);
      names.add(record.name);
      if (isFieldError(part)) terms.refuse(record.name, part.field, part.message);
      else parts.push(part);
      if (parts.length >= BATCH) await flush();
    }
  }, signal);
  await flush();
  if (names.size > 0 && reading.skippedCount === 0) {
    terms.mayWrite();
    written.removed = await withinPatience(nodes.removeOthers(cluster.name, names));
  }
  return { reading, written };
}
