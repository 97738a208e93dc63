export { clientNetwork } from './client-network.js';
export { LimitCounters } from './limit-counters.js';
export { LimitsModule } from './limits.module.js';
export { LongLists } from './long-lists.js';
export type { LookUpTurns } from './look-up-turns.js';
export { RateLimit } from './rate-limit.js';
export { RequestLimits } from './request-limits.js';
