import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { SchemaTypes } from 'mongoose';

export interface GpuOfNode {
  /** The catalogue's key; null where Slurm names no type. */
  cw_name: string | null;
  number: number;
}

/** A stored node: what is shown is `slurm` and `cw`. */
@Schema({ collection: 'nodes', versionKey: false, minimize: false })
export class ClusterNode {
  /** As Slurm tells it; `cluster_name` and `name` identify the node. */
  @Prop({ type: SchemaTypes.Mixed, required: true })
  slurm!: { cluster_name: string; name: string };

  /** What Clockwork worked out: its GPUs. */
  @Prop({ type: SchemaTypes.Mixed, required: true })
  cw!: { gpu?: GpuOfNode; gpus?: GpuOfNode[] };

  /** Of `slurm` as it was written last, to tell whether another record says anything new. */
  @Prop({ type: String })
  hash?: string;
}

export const ClusterNodeSchema = SchemaFactory.createForClass(ClusterNode);
// Serves the order of the list too: MongoDB compares strings by their UTF-8 bytes, that is by code points.
ClusterNodeSchema.index({ 'slurm.cluster_name': 1, 'slurm.name': 1 }, { name: 'cluster_name', unique: true });
ClusterNodeSchema.index({ 'slurm.name': 1 }, { name: 'name' });
