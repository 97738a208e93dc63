import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ListsModule } from '#libs/lists';
import { GpuController } from './gpu.controller.js';
import { Gpu, GpuSchema } from './gpu.schema.js';
import { GpuService } from './gpu.service.js';

@Module({
  imports: [MongooseModule.forFeature([{ name: Gpu.name, schema: GpuSchema }]), ListsModule],
  controllers: [GpuController],
  providers: [GpuService],
  exports: [GpuService],
})
export class GpuModule {}
