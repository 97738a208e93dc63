import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { SchemaTypes } from 'mongoose';

/** The fields that a GPU's description shows; `null` is unknown. */
export const GPU_FIELDS = ['name', 'vendor', 'ram', 'cuda_cores', 'tensor_cores', 'tflops_fp32'] as const;

/** One kind of GPU in the catalogue. */
@Schema({ collection: 'gpu', versionKey: false })
export class Gpu {
  /** The key, as Clockwork names it. */
  @Prop({ type: String, required: true })
  cw_name!: string;

  /** As Slurm's reports name it. */
  @Prop({ type: String, required: true })
  name!: string;

  @Prop({ type: String, default: null })
  vendor!: string | null;

  /** In GB. */
  @Prop({ type: SchemaTypes.Mixed, default: null })
  ram!: unknown;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  cuda_cores!: unknown;

  @Prop({ type: SchemaTypes.Mixed, default: null })
  tensor_cores!: unknown;

  /** Theoretical, in single precision. */
  @Prop({ type: SchemaTypes.Mixed, default: null })
  tflops_fp32!: unknown;

  /** Of an entry that nobody has imported; absent otherwise. */
  @Prop({ type: Boolean })
  built_in?: true;
}

export const GpuSchema = SchemaFactory.createForClass(Gpu);
GpuSchema.index({ cw_name: 1 }, { name: 'cw_name', unique: true });
GpuSchema.index({ name: 1 }, { name: 'name' });
