import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Repeats a check until it holds; after the given time its last failure counts. */
export async function eventually<T>(check: () => Promise<T>, withinMs = 5_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(POLL_MS);
  }
}
