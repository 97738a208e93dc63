/** What this process counts and measures: the instruments, by which library feeds them, and how they are shown. */
export * from './collector-metrics.js';
export * from './database-metrics.js';
export { watchDisk } from './disk-metrics.js';
export { watchLimits } from './limit-metrics.js';
export { type Exposition, exposition, OPENMETRICS_MEDIA_TYPE, PROMETHEUS_MEDIA_TYPE } from './exposition.js';
export { Figures, type FigureSource } from './figures.js';
export * from './http-metrics.js';
export * from './lab-metrics.js';
export { boundedLabels } from './label-values.js';
export * from './list-metrics.js';
export { MetricsModule } from './metrics.module.js';
export { watchThisProcess } from './process-metrics.js';
export { type Row, setCounts, setRows } from './rows.js';
