import { IsDefined } from 'class-validator';
import { QueryParameter } from '#libs/common';

export class GpuOneQuery {
  @QueryParameter({
    required: true,
    description: "The GPU's name as defined on Clockwork: its `cw_name`.",
    example: 'rtx8000',
  })
  @IsDefined({ message: "is needed: the GPU's name as defined on Clockwork, such as gpu_name=rtx8000" })
  gpu_name!: string;
}
