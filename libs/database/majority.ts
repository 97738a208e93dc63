import type { WriteConcernSettings } from 'mongodb';

/** What is acknowledged has been journalled by a majority; where none confirms it in time, it is not known. */
export const MAJORITY = { w: 'majority', journal: true, wtimeoutMS: 10_000 } as const satisfies WriteConcernSettings;
