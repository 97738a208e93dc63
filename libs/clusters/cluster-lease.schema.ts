import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** Which process reads a cluster. */
@Schema({ collection: 'leases', versionKey: false })
export class ClusterLease {
  /** The cluster's name. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  holder!: string;

  /** By the clock of the database server. */
  @Prop({ type: Date, required: true })
  until!: Date;
}

export const ClusterLeaseSchema = SchemaFactory.createForClass(ClusterLease);
