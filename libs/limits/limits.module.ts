import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { LimitsConfiguration } from '#libs/common';
import { LimitCounters } from './limit-counters.js';
import { LongLists } from './long-lists.js';
import { RequestLimits } from './request-limits.js';

/** For the process that answers requests; where nobody asks, there is nothing to limit. */
@Global()
@Module({})
export class LimitsModule {
  static of(limits: LimitsConfiguration): DynamicModule {
    const counters = new LimitCounters();
    return {
      module: LimitsModule,
      providers: [
        { provide: LimitCounters, useValue: counters },
        { provide: RequestLimits, useValue: new RequestLimits(limits, counters) },
        { provide: LongLists, useValue: new LongLists(limits.listsPerKey, counters) },
      ],
      exports: [LimitCounters, RequestLimits, LongLists],
    };
  }
}
