/** What a reader tells of one reading of the whole list. */
export interface Reading {
  ms: number;
  bytes: number;
}

export type ReadingAnswer = Reading | { error: string };

/** The side of the process that reads: once for each message from its parent, until that goes. */
export function readOnDemand(read: () => Promise<number>): void {
  process.on('message', () => {
    const begin = performance.now();
    read().then(
      (bytes) => process.send?.({ ms: performance.now() - begin, bytes } satisfies ReadingAnswer),
      (error: unknown) => process.send?.({ error: String(error) } satisfies ReadingAnswer),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
