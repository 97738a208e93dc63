export { BuiltInGpus } from './built-in-gpus.service.js';
export { gpuDocument } from './gpu-record.js';
export { GpuModule } from './gpu.module.js';
export { GpuNames } from './gpu-names.js';
export { GPU_OR_NONE_SCHEMA } from './gpu.openapi.js';
export { GpuService } from './gpu.service.js';
