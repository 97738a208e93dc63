import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { GpuService } from '#libs/gpu';
import { Figures, type FigureSource } from '#libs/metrics';
import { type FigureNode, NodeTotals } from './node-totals.js';
import { ClusterNode } from './node.schema.js';

const BATCH = 1_000;
/** More than the largest site has; further ones are not counted. */
const MOST_NODES = 200_000;
const LONGEST_MS = 10_000;

const PROJECTION = {
  _id: 0,
  'slurm.cluster_name': 1,
  'slurm.state': 1,
  'slurm.features': 1,
  'slurm.gres_used': 1,
  'slurm.alloc_tres': 1,
  'slurm.cpus': 1,
  'slurm.alloc_cpus': 1,
  cw: 1,
};

/** Works out for metrics what the nodes have, and how much of it is in use. */
@Injectable()
export class NodeFigures implements FigureSource {
  readonly name = 'nodes';

  constructor(
    @InjectModel(ClusterNode.name) private readonly nodes: Model<ClusterNode>,
    private readonly gpus: GpuService,
    figures: Figures,
  ) {
    figures.add(this);
  }

  async refresh(): Promise<void> {
    const totals = new NodeTotals(await this.gpus.names());
    const options = { projection: PROJECTION, batchSize: BATCH, limit: MOST_NODES, timeoutMS: LONGEST_MS };
    const cursor = this.nodes.collection.find<FigureNode>({}, options);
    try {
      while (await cursor.hasNext()) {
        for (const node of cursor.readBufferedDocuments()) totals.add(node);
      }
    } finally {
      await cursor.close();
    }
    totals.show();
  }

  clear(): void {
    NodeTotals.clear();
  }
}
