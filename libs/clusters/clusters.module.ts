import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MetricsModule } from '#libs/metrics';
import { ClusterFigures } from './cluster-figures.service.js';
import { ClusterLease, ClusterLeaseSchema } from './cluster-lease.schema.js';
import { ClusterLeases } from './cluster-leases.service.js';
import { ClusterStates } from './cluster-states.service.js';
import { Cluster, ClusterSchema } from './cluster.schema.js';
import { ClustersController } from './clusters.controller.js';
import { ClustersService } from './clusters.service.js';
import { Freshness } from './freshness.service.js';
import { KnownReadings } from './known-readings.service.js';

@Module({
  imports: [
    MetricsModule,
    MongooseModule.forFeature([
      { name: Cluster.name, schema: ClusterSchema },
      { name: ClusterLease.name, schema: ClusterLeaseSchema },
    ]),
  ],
  controllers: [ClustersController],
  providers: [ClustersService, ClusterStates, ClusterLeases, KnownReadings, Freshness, ClusterFigures],
  exports: [ClusterStates, ClusterLeases, Freshness],
})
export class ClustersModule {}
