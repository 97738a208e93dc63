import { onDemand } from '../processes/on-demand.ts';

/** What a reader tells of one reading of the whole list. */
export interface Reading {
  ms: number;
  bytes: number;
}

/** The side of the process that reads: once for each message from its parent. */
export function readOnDemand(read: () => Promise<number>): void {
  onDemand(async (): Promise<Reading> => {
    const begin = performance.now();
    const bytes = await read();
    return { ms: performance.now() - begin, bytes };
  });
}
