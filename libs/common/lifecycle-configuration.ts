import type { EnvironmentReader } from './environment-reader.js';

/** How a process starts and ends. */
export interface LifecycleConfiguration {
  /** At the start an external database is waited for this long. */
  databaseWaitMs: number;
  /** Told to stop, the API goes on for this long, while /health/ready says no: so long balancers take to look away. */
  drainMs: number;
  /** Then no connection is taken any more, and answers under way get this long to end. */
  closingMs: number;
}

export function readLifecycle(reader: EnvironmentReader): LifecycleConfiguration {
  return {
    databaseWaitMs: reader.duration('CLOCKWORK_DATABASE_WAIT', { from: '0s', to: '1h' }, '30s'),
    drainMs: reader.duration('CLOCKWORK_DRAIN', { from: '0s', to: '10m' }, '0s'),
    closingMs: reader.duration('CLOCKWORK_CLOSING', { from: '1s', to: '1h' }, '5s'),
  };
}
