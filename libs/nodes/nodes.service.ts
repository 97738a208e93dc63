import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Document, Filter } from 'mongodb';
import type { Model } from 'mongoose';
import { type Caller, visibleClusters } from '#libs/auth';
import type { FoundOne } from '#libs/clusters';
import { ambiguous } from '#libs/common';
import { DatabaseCalls, DataVersions, LONGEST_WRITE_MS, replacementPipeline } from '#libs/database';
import { GpuService } from '#libs/gpu';
import { bsonTextAt, bsonToJson, EMPTY_OBJECT, fromPlainJson, type JsonObject } from '#libs/json';
import type { Listing } from '#libs/lists';
import { gpusOfGres } from './gres.js';
import { ClusterNode } from './node.schema.js';
import type { ClusterQuery, NodeOneQuery, NodesListQuery } from './nodes.queries.js';

const PUBLIC_PARTS = { _id: 0, slurm: 1, cw: 1 };
/** By cluster, then by name; MongoDB compares strings by their UTF-8 bytes, that is by code points. */
const NODE_ORDER = { 'slurm.cluster_name': 1, 'slurm.name': 1 } as const;
/** Nodes whose GPUs are worked out at a time. */
const BATCH = 1000;

@Injectable()
export class NodesService {
  constructor(
    @InjectModel(ClusterNode.name) private readonly nodes: Model<ClusterNode>,
    private readonly gpus: GpuService,
    private readonly calls: DatabaseCalls,
    private readonly versions: DataVersions,
  ) {}

  /** The nodes that the caller may see and asks for. */
  list(caller: Caller, query: NodesListQuery): Listing {
    return {
      data: 'nodes',
      collection: this.nodes.collection,
      filter: clusterFilter(caller, query),
      order: NODE_ORDER,
      projection: PUBLIC_PARTS,
      batchSize: BATCH,
      paging: { asked: query, filters: { cluster_name: [...new Set(query.cluster_name)].sort() } },
    };
  }

  /** For an export: each one's BSON. */
  findAll() {
    return this.find({});
  }

  /** One node as JSON, `{}` where there is none. */
  async one(caller: Caller, query: NodeOneQuery): Promise<FoundOne> {
    const filter = nodeFilter(caller, query);
    const found = await this.calls.run(() => this.find(filter).limit(2).toArray());
    if (found.length > 1) throw await this.severalNodes(query.name, filter);
    const [node] = found;
    if (node === undefined) return { body: EMPTY_OBJECT, cluster: null };
    return { body: bsonToJson(node), cluster: bsonTextAt(node, ['slurm', 'cluster_name']) };
  }

  /** The specifications of one node's GPU as JSON, `{}` where nothing is known of it. */
  async gpuOfOne(caller: Caller, query: NodeOneQuery): Promise<FoundOne> {
    const filter = nodeFilter(caller, query);
    const found = await this.calls.run(() =>
      this.nodes.collection
        .find<ClusterNode>(filter, { projection: { _id: 0, 'slurm.cluster_name': 1, cw: 1 } })
        .limit(2)
        .toArray(),
    );
    if (found.length > 1) throw await this.severalNodes(query.name, filter);
    const [node] = found;
    const typed = [node?.cw.gpu, ...(node?.cw.gpus ?? [])].find((gpu) => typeof gpu?.cw_name === 'string');
    const body = typeof typed?.cw_name === 'string' ? await this.gpus.one(typed.cw_name) : EMPTY_OBJECT;
    return { body, cluster: textOrNull(node?.slurm.cluster_name) };
  }

  /**
   * Adds nodes or replaces those that are there.
   * @param slurmParts each from `nodeSlurmPart`
   */
  async save(slurmParts: readonly JsonObject[]): Promise<{ added: number; changed: number; unchanged: number }> {
    const cws = await this.cwParts(slurmParts.map((slurm) => textOrNull(slurm.get('gres'))));
    const operations = slurmParts.map((slurm, index) => ({
      updateOne: {
        filter: { 'slurm.cluster_name': slurm.get('cluster_name'), 'slurm.name': slurm.get('name') },
        update: replacementPipeline({ slurm, cw: cws[index] }),
        upsert: true,
      },
    }));
    // In order: a node given twice in one batch is added once and replaced once.
    const result = await this.versions.change('nodes', () =>
      this.nodes.collection.bulkWrite(operations, { ordered: true, maxTimeMS: LONGEST_WRITE_MS }),
    );
    return {
      added: result.upsertedCount,
      changed: result.modifiedCount,
      unchanged: result.matchedCount - result.modifiedCount,
    };
  }

  /** Works out every node's GPUs anew, after the catalogue has changed. */
  async refreshGpus(): Promise<void> {
    const cursor = this.nodes.collection.find<StoredNode>(
      {},
      { projection: { 'slurm.gres': 1, cw: 1 }, batchSize: BATCH },
    );
    try {
      while (await cursor.hasNext()) {
        const batch = cursor.readBufferedDocuments();
        const cws = await this.cwParts(batch.map((node) => textOrNull(node.slurm.gres)));
        const operations = batch.map((node, index) => ({
          updateOne: {
            filter: { _id: node._id as never, 'slurm.gres': node.slurm.gres ?? null },
            update: { $set: { cw: cws[index] } },
          },
        }));
        await this.versions.change('nodes', () =>
          this.nodes.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS }),
        );
      }
    } finally {
      await cursor.close();
    }
  }

  private find(filter: Filter<Document>) {
    return this.nodes.collection
      .find<Buffer>(filter, { raw: true, projection: PUBLIC_PARTS, batchSize: BATCH })
      .sort(NODE_ORDER);
  }

  private async cwParts(gres: readonly (string | null)[]): Promise<Document[]> {
    const counts = gres.map((text) => gpusOfGres(text ?? ''));
    const keys = await this.gpus.keysOfTypes(counts.flat().flatMap(({ type }) => type ?? []));
    return counts.map((gpus) => {
      // Two of Slurm's types may be one GPU of the catalogue.
      const numbers = new Map<string | null, number>();
      for (const { type, number } of gpus) {
        const cwName = type === null ? null : (keys.get(type) ?? type);
        numbers.set(cwName, (numbers.get(cwName) ?? 0) + number);
      }
      const named = [...numbers].map(([cw_name, number]) => ({ cw_name, number: fromPlainJson(number) }));
      if (named.length === 0) return {};
      return named.length === 1 ? { gpu: named[0] } : { gpu: named[0], gpus: named };
    });
  }

  private async severalNodes(name: string, filter: Filter<Document>): Promise<Error> {
    const clusters = await this.calls.run(() => this.nodes.collection.distinct('slurm.cluster_name', filter));
    return ambiguous(
      `${clusters.length} nodes are named ${JSON.stringify(name)}, on the clusters ${clusters.join(', ')}: add cluster_name to say which one.`,
    );
  }
}

interface StoredNode {
  _id: unknown;
  slurm: { gres?: unknown };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function clusterFilter(caller: Caller, { cluster_name }: ClusterQuery): Filter<Document> {
  const clusters = visibleClusters(caller, cluster_name);
  return clusters === null ? {} : { 'slurm.cluster_name': { $in: clusters } };
}

function nodeFilter(caller: Caller, query: NodeOneQuery): Filter<Document> {
  return { ...clusterFilter(caller, query), 'slurm.name': query.name };
}
