import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ClustersModule } from '#libs/clusters';
import { GpuModule } from '#libs/gpu';
import { ListsModule } from '#libs/lists';
import { MetricsModule } from '#libs/metrics';
import { NodeFigures } from './node-figures.service.js';
import { ClusterNode, ClusterNodeSchema } from './node.schema.js';
import { NodesController } from './nodes.controller.js';
import { NodesService } from './nodes.service.js';

@Module({
  imports: [
    MongooseModule.forFeature([{ name: ClusterNode.name, schema: ClusterNodeSchema }]),
    ClustersModule,
    GpuModule,
    ListsModule,
    MetricsModule,
  ],
  controllers: [NodesController],
  providers: [NodesService, NodeFigures],
  exports: [NodesService],
})
export class NodesModule {}
