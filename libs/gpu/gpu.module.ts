import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ListsModule } from '#libs/lists';
import { BuiltInGpus } from './built-in-gpus.service.js';
import { GpuController } from './gpu.controller.js';
import { Gpu, GpuSchema } from './gpu.schema.js';
import { GpuService } from './gpu.service.js';

@Module({
  imports: [MongooseModule.forFeature([{ name: Gpu.name, schema: GpuSchema }]), ListsModule],
  controllers: [GpuController],
  providers: [GpuService, BuiltInGpus],
  exports: [GpuService, BuiltInGpus],
})
export class GpuModule {}
