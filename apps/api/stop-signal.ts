/** npm passes on the Ctrl-C that the terminal has sent to all: two signals so close together are one. */
const ONE_REQUEST_MS = 1_000;

/**
 * Resolves at the first SIGTERM or Ctrl-C. A later one, from somebody who will not wait, ends the process at once. To be
 * called when there is work to finish: until then, the signals' own effect is the right one.
 */
export function onceStopped(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const stop = (): void => {
      first ??= performance.now();
      resolve();
      if (performance.now() - first > ONE_REQUEST_MS) process.exit(1);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
