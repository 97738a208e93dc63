import { constants } from 'node:os';

/** npm passes on the Ctrl-C that the terminal has sent to its whole process group, so that one key arrives twice. */
const SAME_KEY_MS = 500;

/**
 * Resolves at the first SIGTERM or Ctrl-C; one that comes later, while the work under way is finished, ends the process
 * at once. To be called when there is work to finish: before that, the signals' own effect is the right one.
 */
export function onceStopped(): Promise<void> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        stoppedAt ??= performance.now();
        if (performance.now() - stoppedAt > SAME_KEY_MS) process.exit(128 + constants.signals[signal]);
        resolve();
      });
    }
  });
}
