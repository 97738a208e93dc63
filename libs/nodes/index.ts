export { nodeSlurmPart } from './node-record.js';
export { NodesModule } from './nodes.module.js';
export { NodesService } from './nodes.service.js';
