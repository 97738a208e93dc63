import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { BSON, type Document, type Filter, MongoBulkWriteError } from 'mongodb';
import type { Model } from 'mongoose';
import { type Caller, visibleClusters } from '#libs/auth';
import type { FoundOne } from '#libs/clusters';
import { ambiguous } from '#libs/common';
import { DatabaseCalls, DataVersions, DUPLICATE_KEY, LONGEST_WRITE_MS, replacementPipeline } from '#libs/database';
import { type GpuNames, GpuService } from '#libs/gpu';
import { bsonTextAt, bsonToJson, EMPTY_OBJECT, type JsonObject } from '#libs/json';
import type { Listing } from '#libs/lists';
import { cwOfNode, type GpuFacts } from './node-gpus.js';
import { ClusterNode } from './node.schema.js';
import type { ClusterQuery, NodeOneQuery, NodesListQuery } from './nodes.queries.js';

const PUBLIC_PARTS = { _id: 0, slurm: 1, cw: 1 };
/** By cluster, then by name; MongoDB compares strings by their UTF-8 bytes, that is by code points. */
const NODE_ORDER = { 'slurm.cluster_name': 1, 'slurm.name': 1 } as const;
/** Nodes that are read at a time. */
const BATCH = 1000;
const GPU_FACTS = { 'slurm.gres': 1, 'slurm.cfg_tres': 1, 'slurm.features': 1 };

/** What became of nodes that were written. */
export interface NodeCounts {
  added: number;
  changed: number;
  unchanged: number;
}

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
      keyId: caller.keyId,
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
    return { body, cluster: node?.slurm.cluster_name ?? null };
  }

  /**
   * Adds nodes or replaces those that are there, in one unordered write; those that say nothing new are not touched, and
   * where none does nothing is written at all. Of several records of one node the later ones see the earlier.
   * @param slurmParts each from `nodeSlurmPart`
   */
  async save(slurmParts: readonly JsonObject[]): Promise<NodeCounts> {
    const counts: NodeCounts = { added: 0, changed: 0, unchanged: 0 };
    for (let waiting = slurmParts; waiting.length > 0;) {
      const [now, later] = firstOfEachNode(waiting);
      const names = await this.gpus.names();
      const onFile = await this.onFile(now);
      const written = now
        .map((slurm) => storedNode(slurm, names))
        .filter((node) => isNews(node, onFile.get(keyOf(node.slurm))));
      if (written.length > 0) await this.write(written);
      const changed = written.filter(({ slurm }) => onFile.has(keyOf(slurm))).length;
      counts.added += written.length - changed;
      counts.changed += changed;
      counts.unchanged += now.length - written.length;
      waiting = later;
    }
    return counts;
  }

  /**
   * Removes the nodes of a cluster that are not among those named: Slurm does not list them any more. Only to be called
   * after a reading that was whole; one without any node proves nothing, and removes nothing.
   * @returns how many were removed
   */
  async removeOthers(cluster: string, names: ReadonlySet<string>): Promise<number> {
    if (names.size === 0) return 0;
    const found = await this.nodes.collection
      .find<StoredNode>({ 'slurm.cluster_name': cluster }, { projection: { 'slurm.name': 1 }, batchSize: BATCH })
      .toArray();
    const gone = found.filter(({ slurm }) => !names.has(String(slurm.name))).map(({ _id }) => _id as never);
    if (gone.length === 0) return 0;
    const { deletedCount } = await this.versions.change('nodes', () =>
      this.nodes.collection.deleteMany({ _id: { $in: gone } }, { maxTimeMS: LONGEST_WRITE_MS }),
    );
    return deletedCount;
  }

  /** Works out every node's GPUs anew, after the catalogue has changed. */
  async refreshGpus(): Promise<void> {
    const names = await this.gpus.names();
    const projection = { ...GPU_FACTS, cw: 1, hash: 1 };
    const cursor = this.nodes.collection.find<StoredNode>({}, { projection, batchSize: BATCH });
    try {
      while (await cursor.hasNext()) {
        const operations = cursor.readBufferedDocuments().flatMap((node) => {
          const cw = cwOfNode(node.slurm, names);
          if (isDeepStrictEqual(cw, node.cw)) return [];
          // Whoever has written it meanwhile has worked it out anew.
          const filter = { _id: node._id as never, hash: node.hash ?? null };
          return [{ updateOne: { filter, update: { $set: { cw } } } }];
        });
        if (operations.length === 0) continue;
        await this.versions.change('nodes', () =>
          this.nodes.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS }),
        );
      }
    } finally {
      await cursor.close();
    }
  }

  /** What has to be known of nodes on file to tell whether a record says anything new. */
  private async onFile(slurmParts: readonly JsonObject[]): Promise<Map<string, StoredNode>> {
    const parts = Map.groupBy(slurmParts, (slurm) => slurm.get('cluster_name'));
    const filter = [...parts].map(([cluster, group]) => ({
      'slurm.cluster_name': cluster,
      'slurm.name': { $in: group.map((slurm) => slurm.get('name')) },
    }));
    const projection = { 'slurm.cluster_name': 1, 'slurm.name': 1, cw: 1, hash: 1 };
    const found = await this.nodes.collection
      .find<StoredNode>({ $or: filter }, { projection, batchSize: BATCH })
      .toArray();
    return new Map(found.map((node) => [textKey(node.slurm.cluster_name, node.slurm.name), node]));
  }

  private async write(nodes: readonly NewNode[]): Promise<void> {
    const operations = nodes.map((node) => ({
      updateOne: {
        filter: { 'slurm.cluster_name': node.slurm.get('cluster_name'), 'slurm.name': node.slurm.get('name') },
        update: replacementPipeline(node),
        upsert: true,
      },
    }));
    const write = () => this.nodes.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS });
    try {
      await this.versions.change('nodes', write);
    } catch (error) {
      // Somebody else added the same node at the same moment: the second time it is there.
      const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      await this.versions.change('nodes', write);
    }
  }

  private find(filter: Filter<Document>) {
    return this.nodes.collection
      .find<Buffer>(filter, { raw: true, projection: PUBLIC_PARTS, batchSize: BATCH })
      .sort(NODE_ORDER);
  }

  private async severalNodes(name: string, filter: Filter<Document>): Promise<Error> {
    const clusters = await this.calls.run(() => this.nodes.collection.distinct('slurm.cluster_name', filter));
    return ambiguous(
      `${clusters.length} nodes are named ${JSON.stringify(name)}, on the clusters ${clusters.join(', ')}: add cluster_name to say which one.`,
    );
  }
}

interface NewNode {
  slurm: JsonObject;
  cw: ClusterNode['cw'];
  hash: string;
}

interface StoredNode extends Pick<ClusterNode, 'cw' | 'hash'> {
  _id: unknown;
  slurm: GpuFacts & { cluster_name?: unknown; name?: unknown };
}

function storedNode(slurm: JsonObject, names: GpuNames): NewNode {
  const hash = createHash('sha256').update(BSON.serialize(slurm)).digest('base64');
  return { slurm, cw: cwOfNode(Object.fromEntries(slurm), names), hash };
}

function isNews(node: NewNode, onFile: StoredNode | undefined): boolean {
  return onFile?.hash !== node.hash || !isDeepStrictEqual(onFile.cw, node.cw);
}

function firstOfEachNode(slurmParts: readonly JsonObject[]): [first: JsonObject[], others: JsonObject[]] {
  const first = new Map<string, JsonObject>();
  const others = slurmParts.filter((slurm) => {
    const key = keyOf(slurm);
    if (first.has(key)) return true;
    first.set(key, slurm);
    return false;
  });
  return [[...first.values()], others];
}

function keyOf(slurm: JsonObject): string {
  return textKey(slurm.get('cluster_name'), slurm.get('name'));
}

function textKey(cluster: unknown, name: unknown): string {
  return JSON.stringify([cluster, name]);
}

function clusterFilter(caller: Caller, { cluster_name }: ClusterQuery): Filter<Document> {
  const clusters = visibleClusters(caller, cluster_name);
  return clusters === null ? {} : { 'slurm.cluster_name': { $in: clusters } };
}

function nodeFilter(caller: Caller, query: NodeOneQuery): Filter<Document> {
  return { ...clusterFilter(caller, query), 'slurm.name': query.name };
}
